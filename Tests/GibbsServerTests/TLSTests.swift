import CommandDriver
import Foundation
import Gibbs
import GibbsServer
import Hummingbird
import HummingbirdTesting
import Testing

/// With a certificate the service speaks TLS, and nothing else.
@Suite(.apart, .enabled(if: Certificate.isAvailable, "certificates are made by openssl")) struct TLSTests {
    @Test func speaksTLS() async throws {
        let folder = try ServiceFolder("films"), files = try Certificate(in: folder.place), service = try await folder.service { ($0.certificate, $0.privateKey) = (files.certificate, files.key) }
        try await service.application().test(.ahc(.https)) { client in
            let reply = try await client.ask("/models/films/similar", body: #"{"item":"i2"}"#)
            #expect(reply.status == 200, "\(reply.text)")
            // Whoever speaks plainly is not answered in plain words.
            let plain = try RawConnection(port: try #require(client.port), timeout: 5)
            #expect(plain.ask("GET", "/models") == nil)
            #expect(try await client.ask("/healthz").status == 200)
        }
    }

    @Test func certificatesThatCannotBe() async throws {
        let folder = try ServiceFolder("films"), one = try Certificate(in: folder.place), other = try Certificate(in: folder.place)
        try folder.place.file("broken.pem", "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")
        for (certificate, key) in [(one.certificate, other.key), (folder.place.place("broken.pem"), one.key), ("nosuch.pem", one.key), (one.certificate, "nosuch.pem")] {
            let service = try await folder.service { ($0.certificate, $0.privateKey) = (certificate, key) }
            let error = #expect(throws: GibbsError.self, "\(certificate) \(key)") { _ = try service.application() }
            #expect(error?.code == .cannotRead && error?.advice != nil)
        }
    }
}

/// A certificate for this machine, and its key.
private struct Certificate {
    let certificate: String, key: String
    private static let openssl = "/usr/bin/openssl"
    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: openssl) }

    init(in place: Workplace) throws {
        let name = UUID().uuidString
        (certificate, key) = (place.place(name + ".pem"), place.place(name + ".key"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl)
        process.arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
