import CKernels
import GibbsNumerics
import Testing

/// Sums over listed units, their transpose and the making of lists, against plain loops.
@Suite struct ListKernelTests {
    /// Lists of ascending units out of `units`, each on with probability `share`, stored with gaps as rows of a batch are.
    struct Lists {
        var index = [Int32](), value = [Float](), start = [Int64](), stop = [Int64]()

        init(count: Int, units: Int, share: Float, key: Key) {
            let chances = key.folding(0).uniforms(count * units), values = key.folding(1).normals(count * units)
            for list in 0 ..< count {
                start.append(Int64(index.count))
                for unit in 0 ..< units where chances[list * units + unit] < share {
                    index.append(Int32(unit))
                    value.append(values[list * units + unit])
                }
                stop.append(Int64(index.count))
                index.append(-7)
                value.append(.nan)
            }
        }

        /// (list, unit, value) of every entry.
        var entries: [(Int, Int, Float)] {
            start.indices.flatMap { list in (Int(start[list]) ..< Int(stop[list])).map { (list, Int(index[$0]), value[$0]) } }
        }
    }

    /// Few lists take the path without a copied table, many the other; widths fill a tile, a part of one, and several.
    @Test(arguments: [(3, 1), (3, 200), (90, 7), (90, 33), (90, 64), (90, 100), (90, 128), (90, 300)]) func sums(lists: Int, width: Int) {
        let units = 250, made = Lists(count: lists, units: units, share: 0.3, key: Key(1))
        let table = Key(2).normals(units * width), start = Key(3).normals(lists * width)
        var out = start, expected = start.map(Double.init), cursor = [Int64](repeating: 0, count: lists)
        gk_list_sums(&out, width, table, units, made.index, made.value, made.start, made.stop, &cursor, lists, 0, width)
        for (list, unit, value) in made.entries {
            for c in 0 ..< width { expected[list * width + c] += Double(value) * Double(table[unit * width + c]) }
        }
        #expect(zip(out, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })

        // Any split of lists and of columns at multiples of a tile gives the same bits, whichever path a part takes.
        var split = start
        split.withUnsafeMutableBufferPointer { out in
            for range in [0 ..< 1, 1 ..< lists] {
                for first in Swift.stride(from: 0, to: width, by: 128) {
                    gk_list_sums(out.baseAddress! + range.lowerBound * width, width, table, units, made.index, made.value,
                                 Array(made.start[range]), Array(made.stop[range]), &cursor, range.count, first, min(width, first + 128))
                }
            }
        }
        #expect(split == out)
    }

    @Test func nothingOutsideItsColumns() {
        let made = Lists(count: 40, units: 50, share: 0.5, key: Key(4)), table = Key(5).normals(50 * 30)
        for lists in [2, 40] {
            var out = [Float](repeating: 5, count: 40 * 30), cursor = [Int64](repeating: 0, count: 40)
            gk_list_sums(&out, 30, table, 50, made.index, made.value, made.start, made.stop, &cursor, lists, 10, 20)
            for place in out.indices where !(10 ..< 20).contains(place % 30) || place / 30 >= lists { #expect(out[place] == 5) }
            #expect(out.contains { $0 != 5 })
        }
    }

    @Test func transposes() {
        let made = Lists(count: 30, units: 90, share: 0.2, key: Key(6))
        for units in [0 ..< 90, 20 ..< 21, 50 ..< 90] {
            let room = made.entries.count
            var index = [Int32](repeating: -1, count: room), value = [Float](repeating: .nan, count: room)
            var start = [Int64](repeating: -1, count: units.count), stop = start, cursor = [Int64](repeating: 0, count: 30)
            gk_transpose_lists(made.index, made.value, made.start, made.stop, 30, units.lowerBound, units.upperBound, &index, &value, &start, &stop, &cursor)
            for unit in units {
                let expected = made.entries.filter { $0.1 == unit }, places = Int(start[unit - units.lowerBound]) ..< Int(stop[unit - units.lowerBound])
                #expect(places.map { Int(index[$0]) } == expected.map(\.0) && places.map { value[$0] } == expected.map(\.2))
            }
        }
    }

    @Test func dots() {
        let made = Lists(count: 20, units: 60, share: 0.4, key: Key(7)), weights = Key(8).normals(60)
        var out = [Float](repeating: .nan, count: 20), expected = [Double](repeating: 0, count: 20)
        gk_list_dots(made.index, made.value, made.start, made.stop, 20, weights, &out)
        for (list, unit, value) in made.entries { expected[list] += Double(value) * Double(weights[unit]) }
        #expect(zip(out, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    /// Columns: group of 3, real, binary, real, binary, group of 2, and runs of consecutive binary columns that are mostly zero.
    @Test func listsRows() {
        let batch: [Float] = [2, 0.5, 1, -3, 0, 1,
                              .nan, 7, 0, .nan, 0.25, 0,
                              0, 0, .nan, 1, 1, .nan]
        var real = [Float](repeating: -9, count: 6), index = [Int32](repeating: -1, count: 12), value = [Float](repeating: -1, count: 12)
        var stop: [Int64] = [-1, -1, -1]
        // Rows 1, 0, 2 in this order.
        gk_list_rows(batch, 6, [1, 0, 2], 0, 3, [1, 3], 2, [2, 4], 2, [0, 5], [4, 7], 2, &real, &index, &value, &stop)
        #expect(real[0] == 7 && real[1].isNaN && Array(real[2...]) == [0.5, -3, 0, 1])
        #expect(stop == [2, 7, 10])
        #expect(Array(index[0 ..< 2]) == [3, 7] && Array(value[0 ..< 2]) == [0.25, 1])
        #expect(Array(index[4 ..< 7]) == [2, 6, 8] && Array(value[4 ..< 7]) == [1, 1, 1])
        #expect(Array(index[8 ..< 10]) == [3, 4] && Array(value[8 ..< 10]) == [1, 1])
    }

    @Test(arguments: [1, 8, 23, 100]) func listsConsecutiveUnits(units: Int) {
        let rows = 9, chances = Key(9).uniforms(rows * units), x = chances.map { $0 < 0.15 ? 1 - $0 : 0 }
        var index = [Int32](repeating: -1, count: rows * units), value = [Float](repeating: -1, count: rows * units)
        var stop = [Int64](repeating: 0, count: rows), other = index, otherValue = value, otherStop = stop
        gk_list_units(x, units, 0, rows, 0, units, &index, &value, units, &stop)
        gk_list_rows(x, units, nil, 0, rows, nil, 0, (0 ..< units).map(Int32.init), units, nil, [0], 0, nil, &other, &otherValue, &otherStop)
        for row in 0 ..< rows {
            let expected = (0 ..< units).filter { x[row * units + $0] > 0 }, places = row * units ..< Int(stop[row])
            #expect(places.map { Int(index[$0]) } == expected && places.map { value[$0] } == expected.map { x[row * units + $0] })
            #expect(places.map { Int(other[$0]) } == expected && otherStop[row] == stop[row])
        }
    }
}
