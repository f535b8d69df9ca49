import GibbsEvents
import GibbsNumerics
import Testing

/// What is remembered of entities, and who makes room.
@Suite struct EntityTableTests {
    private func table(limit: Int = 3) -> EntityTable { EntityTable(history: 2, fields: 2, changes: 1, tallies: 3, limit: limit) }

    @Test func leastRecentlyUsedMakesRoom() {
        var table = table()
        for hash: UInt64 in [10, 20, 30, 10, 40] { _ = table.row(of: hash) }
        #expect(table.count == 3 && table.dropped == 1)
        #expect(table.inOrderOfUse.map { table.hashes[Int($0)] } == [30, 10, 40])
        for hash: UInt64 in [30, 50] { _ = table.row(of: hash) }
        #expect(table.inOrderOfUse.map { table.hashes[Int($0)] } == [40, 30, 50] && table.dropped == 2)
    }

    /// A plain list of hashes beside it, over thousands of random uses.
    @Test func orderOfUseAgainstAList() {
        var table = table(limit: 7), list = [UInt64](), dropped = 0
        for draw in Key(1).uniforms(5_000) {
            let hash = UInt64(1 + draw * 12)
            if let place = list.firstIndex(of: hash) { list.remove(at: place) } else if list.count == 7 {
                list.removeFirst()
                dropped += 1
            }
            list.append(hash)
            let row = table.row(of: hash)
            #expect(table.hashes[row] == hash)
        }
        #expect(table.inOrderOfUse.map { table.hashes[Int($0)] } == list && table.dropped == dropped)
    }

    @Test func newcomersFindNothing() {
        var table = table(limit: 1), codes: [Int32] = [4, 5]
        let row = table.row(of: 1)
        (table.times[row], table.scores[row], table.events[row], table.tallies[row * 3 + 1]) = (7, 8, 9, 10)
        #expect(table.change(77, column: 0, row: row) == 0)
        table.remember(&codes, row: row)
        table.add(.init(gain: 3), codes: codes, row: row)
        #expect(table.codes.values == [4, 5, -1, -1] && table.places(row).count == 8)
        #expect(table.row(of: 2) == row)
        #expect(table.times[row].isNaN && table.scores[row] == 0 && table.events[row] == 0 && table.tallies.values == [0, 0, 0])
        #expect(table.codes.values == [-1, -1, -1, -1] && table.places(row).isEmpty)
        #expect(table.change(77, column: 0, row: row) == 0)
    }

    @Test func remembersTheLastEventsFirst() {
        var table = table(), other = table.row(of: 2), row = table.row(of: 1)
        for code: Int32 in [1, 2, 3] {
            var codes = [code, -2]
            table.remember(&codes, row: row)
        }
        #expect(Array(table.codes[row * 4 ..< row * 4 + 4]) == [3, -2, 2, -2])
        #expect(Array(table.codes[other * 4 ..< other * 4 + 4]) == [-1, -1, -1, -1])
        swap(&row, &other)
    }

    @Test func changes() {
        var table = table()
        let row = table.row(of: 1)
        func change(_ value: UInt64) -> String { EventSchema.changeNames[table.change(value << 33, column: 0, row: row)] }
        #expect([1, 1, 2, 1, 1, 3, 2].map(change) == ["first", "same", "new", "recent", "same", "new", "recent"])
        // Eight are remembered: the ninth pushes out the one that was there longest ago, which is 1.
        #expect([4, 5, 6, 7, 8, 9].map(change) == Array(repeating: "new", count: 6))
        #expect(change(3) == "recent" && change(1) == "new")
    }

    @Test func habits() {
        var table = EntityTable(history: 0, fields: 0, changes: 2, keepsDays: true, limit: 2)
        let row = table.row(of: 1)
        func familiar(_ value: UInt64, _ day: Int32) -> String { EventSchema.familiarNames[table.familiar(value << 33, column: 1, row: row, day: day)] }
        #expect([familiar(1, 5), familiar(1, 5), familiar(2, 5), familiar(1, 6), familiar(2, 6), familiar(3, 6), familiar(3, 6), familiar(3, 7)]
            == ["first", "today", "new", "known", "known", "new", "today", "known"])
        // What is not kept stays as new as it was.
        #expect((0 ..< 2).map { _ in EventSchema.familiarNames[table.familiar(9 << 33, column: 1, row: row, day: 7, keeps: false)] } == ["new", "new"])
    }

    @Test func gaps() {
        let steps: [(Double?, String)] = [(nil, "first"), (-3, "≤ 1 s"), (0, "≤ 1 s"), (1, "≤ 1 s"), (1.5, "≤ 10 s"), (60, "≤ 1 min"), (61, "≤ 10 min"), (3_600, "≤ 1 h"),
                                          (21_600, "≤ 6 h"), (86_400, "≤ 1 day"), (86_401, "> 1 day")]
        for (seconds, name) in steps { #expect(EventSchema.gapNames[EventSchema.gap(seconds)] == name, "\(String(describing: seconds))") }
    }

    @Test func blameKeepsTheLargestAndItsRoomIsUsedAgain() {
        var table = table()
        let row = table.row(of: 1), other = table.row(of: 2)
        func gains(_ row: Int) -> [Float] { table.places(row).map { table.blame[$0].gain }.filter { $0 > 0 }.sorted() }
        for gain: Float in [3, 1, 4, 1.5, 9, 2, 6, 5, 8, 0.5] { table.add(.init(gain: gain), codes: [1, 2], row: row) }
        #expect(gains(row) == [1.5, 2, 3, 4, 5, 6, 8, 9])
        let group = table.groups[row]
        table.release(row)
        #expect(table.places(row).isEmpty)
        table.add(.init(gain: 7), codes: [1, 2], row: other)
        #expect(table.groups[other] == group && gains(other) == [7] && table.blame.count == 8)
        table.add(.init(gain: 2), codes: [1, 2], row: row)
        #expect(gains(row) == [2] && gains(other) == [7] && table.blame.count == 16)
    }

    /// Beside a dictionary, over random insertions, changes and removals of few and many hashes.
    @Test(arguments: [9, 40, 3_000]) func hashesAgainstADictionary(count: Int) {
        var index = HashIndex(), plain = [UInt64: Int32]()
        for (step, draw) in Key(2).uniforms(20_000).enumerated() {
            let hash = UInt64(draw * Float(count)) &* 0x1_0000_0001
            let row: Int32? = step % 3 == 0 ? nil : Int32(step)
            index[hash] = row
            plain[hash] = row
            #expect(index[hash] == row)
        }
        #expect(index.count == plain.count)
        for number in 0 ..< UInt64(count) { #expect(index[number &* 0x1_0000_0001] == plain[number &* 0x1_0000_0001]) }
    }
}
