import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// An array file by hand, as NumPy writes it.
func npy(_ type: String, _ shape: String, fortran: Bool = false, version: UInt8 = 1, _ values: [UInt8]) -> [UInt8] {
    var header = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }"
    while (header.utf8.count + 11) % 64 != 0 { header += " " }
    header += "\n"
    let length = header.utf8.count
    let size: [UInt8] = version == 1 ? [UInt8(length & 255), UInt8(length >> 8)] : [UInt8(length & 255), UInt8(length >> 8), 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(header.utf8) + values
}

func bytes<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

@Suite struct ArrayTests {
    let pad = Scratchpad()

    @Test func types() throws {
        let cases: [(String, [UInt8], [Double])] = [
            ("<f8", bytes([1.5, -2e300]), [1.5, -2e300]), ("<f4", bytes([Float(0.1), 7]), [Double(Float(0.1)), 7]),
            (">f4", bytes([Float(2).bitPattern.bigEndian]), [2]), ("<f2", [0x00, 0x3C, 0x01, 0x00, 0x00, 0xC2], [1, 0x1p-24, -3]),
            ("|i1", [0xFF, 0x7F], [-1, 127]), ("<i2", bytes([Int16(-300)]), [-300]), (">i4", bytes([Int32(70_000).bigEndian]), [70_000]),
            ("<i8", bytes([Int64(-5)]), [-5]), ("|u1", [255], [255]), ("<u2", bytes([UInt16(65_535)]), [65_535]),
            ("<u4", bytes([UInt32.max]), [4_294_967_295]), ("<u8", bytes([UInt64(1) << 60]), [0x1p60]), ("|b1", [0, 1], [0, 1]),
        ]
        for (type, values, expected) in cases {
            for version: UInt8 in [1, 2] {
                let table = try read(pad.file("a.npy", npy(type, "(\(expected.count),)", version: version, values)))
                #expect(table.columnNames == ["c1"])
                #expect(numbers(table, "c1") == expected, "\(type)")
            }
        }
    }

    @Test func bothOrders() throws {
        for fortran in [false, true] {
            let values: [Float] = fortran ? [1, 3, 5, 2, 4, 6] : [1, 2, 3, 4, 5, 6]
            let path = pad.file("a.npy", npy("<f4", "(3, 2)", fortran: fortran, bytes(values)))
            let table = try read(path)
            #expect(numbers(table, "c1") == [1, 3, 5] && numbers(table, "c2") == [2, 4, 6])
            #expect(table.lines == [1, 2, 3])
            #expect(try NPY.matrix(path) == Matrix([[1, 2], [3, 4], [5, 6]]))
            let chunks = try TableReader(path: path).chunks(rows: 2, columns: ["c2"])
            let first = try #require(try chunks.next()), second = try #require(try chunks.next())
            #expect(numbers(first, "c2") == [2, 4] && numbers(second, "c2") == [6] && second.lines == [3])
            #expect(try chunks.next() == nil)
        }
    }

    @Test func matricesComeBack() throws {
        let matrix = Matrix(rows: 3, columns: 2, values: [1, .infinity, -0.0, .nan, 1e-40, 3.4e38])
        let path = pad.place("m.npy")
        try NPY.write(matrix, to: path)
        #expect(try NPY.matrix(path).values.map(\.bitPattern) == matrix.values.map(\.bitPattern))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count % 8 == 0)
        let zipped = pad.file("z.npy.gz", try gzipped(path))
        #expect(try NPY.matrix(zipped).values.map(\.bitPattern) == matrix.values.map(\.bitPattern))
    }

    @Test func missingAndDeclaredTypes() throws {
        let path = pad.file("a.npy", npy("<f8", "(3, 2)", bytes([1.0, 5, .nan, 6, 0, 5])))
        let table = try read(path) { $0.types = ["c1": .boolean, "c2": .category] }
        #expect(texts(table, "c1") == ["true", nil, "false"])
        #expect(texts(table, "c2") == ["5", "6", "5"])
        #expect(table["c2"]?.type == .category)
    }

    @Test(.enabled(if: pythonHas("numpy"), "no Python with numpy")) func numpyAgrees() throws {
        let script = """
        import numpy as np, sys
        d = sys.argv[1]
        X = np.arange(12, dtype='float32').reshape(4, 3) / 8; y = np.array([1, 0, 2, 1])
        np.savez(d + '/plain.npz', X=X, y=y); np.savez_compressed(d + '/packed.npz', X=np.asfortranarray(X), y=y)
        np.savez(d + '/bare.npz', X=X); np.save(d + '/half.npy', X.astype('float16'))
        m = np.load(d + '/ours.npy'); assert m.shape == (2, 2) and m.dtype == np.float32 and m[1, 0] == 3, m
        """
        try NPY.write(Matrix([[1, 2], [3, 4]]), to: pad.place("ours.npy"))
        #expect(run(peersPython, ["-c", script, pad.path]) != nil)
        for name in ["plain.npz", "packed.npz", "bare.npz", "half.npy"] {
            let table = try read(pad.place(name))
            #expect(numbers(table, "c3") == [0.25, 0.625, 1, 1.375], "\(name)")
            #expect(table.columnNames == (name.hasPrefix("p") ? ["c1", "c2", "c3", "y"] : ["c1", "c2", "c3"]))
            if name.hasPrefix("p") { #expect(numbers(table, "y") == [1, 0, 2, 1]) }
            #expect(table.digest != nil)
        }
        let zipped = pad.file("packed2.npz.gz", try gzipped(pad.place("packed.npz")))
        expectEqual(try read(zipped), try read(pad.place("packed.npz")))
    }

    @Test func idxImagesAndLabels() throws {
        let images = pad.file("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102])
        let labels = pad.file("labels.idx", [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9])
        #expect(try IDX.images(images) == Matrix([[0, 1], [0.2, 0.4]]))
        #expect(try IDX.images(images, scaled: false) == Matrix([[0, 255], [51, 102]]))
        #expect(try IDX.images(pad.file("i.gz", try gzipped(images))).values.count == 4)
        #expect(try IDX.size(images) == (1, 2))
        #expect(try IDX.labels(labels) == [7, 0, 9])
        #expect(try numbers(read(images), "c2") == [255, 102])
        #expect(try numbers(read(labels), "y") == [7, 0, 9])
    }
}
