import CommandDriver
import Foundation
import Testing

/// MNIST beside the repository, or nil where there is none.
private let mnist: String? = {
    let path = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../../shared/data/mnist").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: path + "/t10k-images-idx3-ubyte.gz") ? path : nil
}()

/// The way from a 4 to a 9 on real digits, by the program.
@Suite(.enabled(if: mnist != nil, "there is no ../shared/data/mnist beside the repository")) struct RealDigitTests {
    @Test func fourToNine() throws {
        let place = try Workplace(), folder = try #require(mnist)
        _ = try place.expectWorks(["fit", "images", folder + "/t10k-images-idx3-ubyte.gz", "--labels", folder + "/t10k-labels-idx1-ubyte.gz", "--classes", "4,9", "--out", "digits.gibbs"])
        let frames = try place.expectWorks(["blend", "digits.gibbs", "--from", "4", "--to", "9", "--out", "strip.png", "--json"]).objects
        let sides = frames.map { ($0["probabilityTo"] as! Double) > 0.5 }
        #expect(frames.count == 11 && !sides[0] && sides[10] && zip(sides, sides.dropFirst()).count { $0 != $1 } == 1)
        #expect(frames.allSatisfy { ($0["sharpness"] as! Double) > ($0["crossFadeSharpness"] as! Double) }, "a frame is duller than the cross-fade")
        let strip = try place.picture("strip.png")
        #expect(strip.width == 11 * 56 + 10 * 2 && strip.height == 56)
    }
}
