import Foundation
import Gibbs

/// Megabytes of CSV a second into typed columns, on a file made here; the file stays for `peers/csv_pandas.py`.
enum CSVThroughput {
    static func run(megabytes: Int) throws {
        let path = NSTemporaryDirectory() + "gibbs-bench-\(megabytes).csv"
        try write(path, bytes: megabytes * 1_000_000)
        let size = Double(try FileManager.default.attributesOfItem(atPath: path)[.size] as! Int)
        for threads in [1, parallelWidth] {
            var options = TableOptions()
            options.threads = threads
            let times = try (0 ..< 3).map { _ in try seconds { _ = try TableReader(path: path, options: options).readAll() } }.sorted()
            report("csv-read", "MB/s", size / times[1] / 1e6, ["threads": threads, "megabytes": megabytes, "peak_memory_bytes": peakMemory()])
        }
    }

    /// Mixed columns: integers, decimals, short categories, quoted text, missing cells.
    private static func write(_ path: String, bytes: Int) throws {
        if FileManager.default.fileExists(atPath: path) { return }
        let simulator = ConnectionSimulator(key: Key(1))
        let output = try OutputFile(path: path), rows = bytes / 125
        try CSVWriter.write(try simulator.records(min(rows, 400_000)), to: output)
        // The same rows again until the size is reached: parsing does not care, and making them costs more than reading.
        try output.flush()
        try output.commit()
        let block = try Data(contentsOf: URL(fileURLWithPath: path))
        let body = block[(block.firstIndex(of: 0x0A)! + 1)...]
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seekToEnd()
        var written = block.count
        while written < bytes { try handle.write(contentsOf: body); written += body.count }
        try handle.close()
    }
}
