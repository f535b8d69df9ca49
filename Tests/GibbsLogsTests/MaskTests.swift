import Foundation
import GibbsLogs
import GibbsNumerics
import Testing

/// What varies by its form becomes a typed wildcard, and nothing else does.
@Suite struct MaskTests {
    private static func masked(_ message: String) throws -> String {
        var templates = try LogTemplates()
        let match = try templates.learn(message).found()
        return templates[match.template].text
    }

    @Test(arguments: [
        ("port 22", "port <NUM>"), ("session 193.", "session <NUM>."), ("(uid=0)", "(uid=<NUM>)"), ("load -3.5 or +7", "load <NUM> or <NUM>"),
        ("version 5.3.0 took 35ms", "version <NUM> took <NUM>ms"), ("100% of 12KB", "<NUM>% of <NUM>KB"), ("ssh2 user_4 x86", "ssh2 user_4 x86"),
        ("from 203.0.113.7 port", "from <IP> port"), ("at 10.0.0.1:50010:", "at <IP>:<NUM>:"), ("src: /10.0.0.1:5", "src: /<IP>:<NUM>"),
        ("256.1.1.1", "<NUM>"), ("1.2.3.4.5", "<NUM>"), ("1.2.3.4.", "<IP>."), ("[1.2.3.4]", "[<IP>]"),
        ("on :: port", "on <IP> port"), ("from 2001:db8::7: x", "from <IP>: x"), ("fe80::1%eth0", "<IP>"), ("::ffff:1.2.3.4", "<IP>"),
        ("1:2:3:4:5:6:7:8", "<IP>"), ("std::add a::b", "std::add a::b"), ("dead::beef", "dead::beef"),
        ("at 13:06:56.25 and 7:30", "at <TIME> and <TIME>"), ("port 56789:11:", "port <NUM>:<NUM>:"),
        ("0xdeadBEEF 0x", "<HEX> 0x"), ("id d5b30bd7e", "id <HEX>"), ("deadbeef added", "deadbeef added"), ("id 12ab", "id 12ab"),
        ("mac 00:1B:44:11:3a:b7 00-1B-44-11-3A-B7", "mac <MAC>"), ("123e4567-e89b-12d3-a456-426614174000", "<UUID>"),
        ("RSA MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", "RSA <KEY>"), ("RSA 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", "RSA <KEY>"),
        ("RSA SHA256:Kl8kPGZrTiz7g4FO1hyqHdsSBBb5Fge6NWOobN03XJg", "RSA <KEY>"), ("SHA256: none", "SHA256: none"),
        ("block blk_-1608999687919862906 ok", "block <BLOCK> ok"), ("file blk_12_1001.meta", "file <BLOCK>_1001.meta"), ("blk_x", "blk_x"),
        ("on /dev/input/event0 (x)", "on <PATH> (x)"), ("PWD=/home/ubuntu ; a", "PWD=<PATH> ; a"), ("pts/0 and/or", "pts/<NUM> and/or"), ("a / b", "a / b"),
        ("see https://a.example/x?y=1 now", "see <URL> now"), ("<*> is one", "<*> is one"), ("ip-10-77", "ip-<NUM>-<NUM>"),
        ("", ""), ("  a\t b  ", "a b"), ("größe 5", "größe <NUM>"), ("é5", "é5"),
    ]) func forms(message: String, expected: String) throws { #expect(try Self.masked(message) == expected) }

    /// Lists of one kind are one event, whatever their length, and keep all their parameters.
    @Test func lists() throws {
        var templates = try LogTemplates()
        let two = try templates.learn("delete blk_1 blk_2").found(), three = try templates.learn("delete blk_3 blk_-4 blk_5").found()
        #expect(two.template == three.template && templates[0].text == "delete <BLOCK>")
        #expect(two.parameters == ["blk_1", "blk_2"] && three.parameters == ["blk_3", "blk_-4", "blk_5"])
        #expect(try Self.masked("a 1 b 2") == "a <NUM> b <NUM>")
    }

    @Test func longMessagesHaveABound() throws {
        var templates = try LogTemplates()
        let words = (0 ..< 5000).map { "w\($0)" }.joined(separator: " "), match = try templates.learn(words).found()
        #expect(templates[match.template].text.split(separator: " ").count == 256 && match.parameters.last?.hasPrefix("w255 ") == true)
        let long = try templates.learn("a " + String(repeating: "x", count: 5000) + " b").found()
        #expect(templates[long.template].text == "a <*> b" && long.parameters == [String(repeating: "x", count: 5000)])
    }
}
