import Foundation
import GibbsData
import GibbsNumerics
import Testing
import GibbsRecommend

@Suite struct RatingsTests {
    /// A file in a folder of its own, gone when the test is.
    private func read(_ text: String, name: String, columns: RatingColumns.Asked = .init(), options: TableOptions = .init(), isImplicit: Bool = false) throws -> Ratings {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent(name).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try RatingsReader(path: path, options: options, columns: columns).read(isImplicit: isImplicit)
    }

    private func listed(_ ratings: Ratings) -> [String] {
        (0 ..< ratings.count).map { "\(ratings.users.names[Int(ratings.user[$0])]) \(ratings.items.names[Int(ratings.item[$0])]) \(ratings.value[$0])" }
    }

    @Test(arguments: [
        ("u.data", "196\t242\t3\t881250949\n186\t302\t3.5\t891717742\n"),
        ("ratings.dat", "196::242::3::881250949\n186::302::3.5::891717742\n"),
        ("ratings.csv", "userId,movieId,rating,timestamp\n196,242,3,881250949\n186,302,3.5,891717742\n"),
        ("ml.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n186\t302\t3.5\t891717742\n"),
        ("r.tab", "user\tmovie\tscore\ttime\nc\tc\tc\tc\nrow=1\tcol=1\tclass\t\n196\t242\t3\t881250949\n186\t302\t3.5\t891717742\n"),
        ("plain.tab", "user\tmovie\tscore\ttime\n196\t242\t3\t881250949\n186\t302\t3.5\t891717742\n"),
        ("r.ndjson", "{\"user\":196,\"item\":\"242\",\"rating\":3,\"time\":881250949}\n{\"user\":\"186\",\"item\":302,\"rating\":3.5,\"time\":891717742}\n"),
    ])
    func `the files of MovieLens, RecBole and Orange give the same ratings`(name: String, text: String) throws {
        let ratings = try read(text, name: name)
        #expect(listed(ratings) == ["196 242 3.0", "186 302 3.5"])
        #expect(ratings.time == [881_250_949, 891_717_742])
    }

    @Test func `the last of several ratings of a pair wins, events are counted up, incomplete rows are left out`() throws {
        let text = "user,item,rating\na,x,1\nb,x,2\na,x,4\n,x,3\nb,,3\nb,y,\na,y,5\n"
        let ratings = try read(text, name: "r.csv")
        #expect(listed(ratings) == ["b x 2.0", "a x 4.0", "a y 5.0"])
        #expect((ratings.repeats, ratings.incomplete) == (1, 3))
        let events = try read(text, name: "r.csv", isImplicit: true)
        #expect(listed(events) == ["b x 1.0", "a x 2.0", "b y 1.0", "a y 1.0"])
    }

    @Test func `bad ratings are refused with their line`() throws {
        for (cell, word) in [("good", "'good' is no finite number"), ("inf", "'inf' is no finite number")] {
            let error = #expect(throws: GibbsError.self) { try read("user,item,rating\na,x,1\nb,x,\(cell)\n", name: "r.csv") }
            #expect(error?.place.line == 3 && error?.message == word)
        }
        #expect(try read("user,item,rating\na,x,1\nb,x,nan\n", name: "r.csv").incomplete == 1)
        #expect(throws: GibbsError.self) { try read("user,item,rating\n", name: "r.csv") }
        #expect(throws: GibbsError.self) { try read("who,what\na,b\n", name: "r.csv") }
        #expect(throws: GibbsError.self) { try read("1,2,3\n4,5,1\n", name: "r.csv") }
        #expect(listed(try read("who,what\na,b\n", name: "r.csv", columns: .init(user: "who", item: "what"))) == ["a b 1.0"])
    }

    @Test func `sparse rows hold what was put in, sorted, and turn over`() {
        let key = Key(3), places = key.choose(200, of: 40 * 30)
        let row = places.map { Int32($0 / 30) }, column = places.map { Int32($0 % 30) }, value = places.map { Float($0) }
        let rows = SparseRows(rows: 40, columns: 30, row: row, column: column, value: value)
        #expect(rows.rows == 40 && rows.entries == 200)
        for r in 0 ..< 40 {
            #expect(Array(rows.columns(of: r)) == rows.columns(of: r).sorted())
            for c in 0 ..< 30 {
                let entry = rows.entry(row: r, column: c)
                #expect((entry != nil) == places.contains(r * 30 + c))
                if let entry { #expect(rows.values[entry] == Float(r * 30 + c)) }
            }
        }
        #expect(rows.transposed().transposed() == rows)
        #expect(rows.transposed().entry(row: Int(column[7]), column: Int(row[7])).map { rows.transposed().values[$0] } == value[7])
    }

    @Test func `scales are told from ratings`() throws {
        #expect(try RatingScale(of: [1, 5, 3, 4, 2]) == RatingScale(lowest: 1, step: 1, count: 5))
        #expect(try RatingScale(of: [0.5, 4, 1.5, 3]) == RatingScale(lowest: 0.5, step: 0.5, count: 8))
        #expect(try RatingScale(of: [0, 1]) == RatingScale(lowest: 0, step: 1, count: 2))
        #expect(try RatingScale(of: [2, 6, 9]).step == 1)
        #expect(try RatingScale(of: [0.1, 0.7, 0.4]).count == 3)
        #expect(throws: GibbsError.self) { try RatingScale(of: [3, 3]) }
        #expect(throws: GibbsError.self) { try RatingScale(of: [0.123, 1.7, 8.35, 2.718]) }
        let half = try RatingScale(lowest: 0.5, step: 0.5, count: 8)
        #expect(half.level(of: 4) == 7 && half.level(of: 4.5) == nil && half.level(of: 0.6) == nil && half.level(of: .nan) == nil)
    }

    @Test func `splits part the ratings, each by its rule`() throws {
        var user = [Int32](), item = [Int32](), time = [Double]()
        for u in 0 ..< 7 { for i in 0 ... u { user.append(Int32(u)); item.append(Int32(i)); time.append(Double((u * 31 + i * 17) % 23)) } }
        let ratings = Ratings(users: Identifiers((0 ..< 7).map { "u\($0)" }), items: Identifiers((0 ..< 7).map { "i\($0)" }), user: user, item: item,
                              value: user.map(Float.init), time: time)
        func check(_ split: RatingSplit) {
            #expect((listed(split.train) + listed(split.test)).sorted() == listed(ratings).sorted())
        }
        var tested = [String](), shuffled = [String]()
        for fold in 0 ..< 5 {
            let block = RatingSplit.block(ratings, fold: fold, of: 5), random = RatingSplit.random(ratings, fold: fold, of: 5, key: Key(1))
            check(block); check(random)
            tested += listed(block.test); shuffled += listed(random.test)
        }
        #expect(tested == listed(ratings) && shuffled.sorted() == listed(ratings).sorted() && shuffled != tested)
        let byUser = RatingSplit.byUser(ratings, share: 0.5, key: Key(2)); check(byUser)
        #expect((0 ..< 7).map { u in byUser.test.user.count { $0 == Int32(u) } } == [0, 1, 1, 2, 2, 3, 3])
        let last = RatingSplit.leaveLastOut(ratings); check(last)
        for u in 1 ..< 7 {
            let own = (0 ..< ratings.count).filter { user[$0] == Int32(u) }, latest = own.map { time[$0] }.max()!
            let chosen = (0 ..< last.test.count).filter { last.test.user[$0] == Int32(u) }
            #expect(chosen.count == 1 && last.test.time![chosen[0]] == latest)
        }
        let temporal = try RatingSplit.temporal(ratings, share: 0.25); check(temporal)
        #expect(temporal.test.count == 7 && temporal.train.time!.max()! <= temporal.test.time!.min()!)
    }
}
