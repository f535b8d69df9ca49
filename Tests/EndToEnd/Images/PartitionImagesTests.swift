import CommandDriver
import Foundation
import Testing

/// ln Z and the likelihoods between its bounds.
@Suite struct PartitionImagesTests {
    private func number(_ value: Any?, _ name: String) -> Double { (value as? [String: Any])?[name] as? Double ?? .nan }

    /// Machines of 20 hidden units: the sum over 2²⁰ states lies between the bounds, and they are close.
    @Test func bracketHoldsTheExactSum() throws {
        let place = try Workplace.withImages("rbm"), (pixels, _) = SmallImages.images(60, seed: 9)
        try place.file("test-idx3-ubyte", SmallImages.idx(pixels))
        let run = ["partition", "rbm.gibbs", "--data", "test-idx3-ubyte", "--base", "images-idx3-ubyte", "--steps", "1000", "--chains", "50", "--json"]
        let found = try place.expectWorks(run), object = try found.object
        let classes = object["classes"] as! [[String: Any]]
        #expect(classes.map { $0["name"] as? String } == ["0", "1", "2"])
        for part in classes {
            let exact = number(part["exact"], "logPartition"), lower = number(part["lower"], "logPartition"), upper = number(part["upper"], "logPartition")
            let room = 4 * max(number(part["lower"], "standardError"), number(part["upper"], "standardError"))
            #expect(lower <= exact + room && exact <= upper + room && abs(upper - lower) < 0.5, "\(lower) ≤ \(exact) ≤ \(upper) ± \(room)")
        }
        let test = object["test"]!, best = number(test, "logLikelihood")
        #expect(best < -1 && best > -64 * log(2.0), "\(best) nats an image, worse than a coin a pixel")
        #expect(abs(number(test, "atMost") - number(test, "atLeast")) < 0.5 && number(test, "images") == 60)
        #expect(try place.expectWorks(run.map { $0 == "--json" ? "--method=both" : $0 }).output.contains("test log-likelihood"))
        // The same key gives the same figures, the time apart.
        let again = try place.expectWorks(run).object["classes"] as! [[String: Any]]
        for (a, b) in zip(classes, again) { #expect(number(a["lower"], "logPartition") == number(b["lower"], "logPartition")) }
    }

    /// What has a closed form needs no chain.
    @Test(arguments: ["gaussian", "memory"]) func closedForms(model: String) throws {
        let place = try Workplace.withImages(model)
        let found = try place.expectWorks(["partition", "\(model).gibbs", "--json"]).object["classes"] as! [[String: Any]]
        let inspected = try place.expectWorks(["inspect", "\(model).gibbs", "--json"]).object["classes"] as! [[String: Any]]
        for (a, b) in zip(found, inspected) {
            #expect(abs(number(a["exact"], "logPartition") - (b["logPartition"] as! Double)) < 1e-4)
            #expect(a["lower"] is NSNull && number(a["exact"], "standardError") == 0)
        }
    }
}

/// The same of watchdogs on records.
@Suite struct PartitionRecordsTests {
    let place: Workplace
    /// Two dependent names: p(a, x) = p(b, y) = 0.4, the others 0.1.
    private func records(_ count: Int, from first: Int) -> String {
        "u,v\n" + (first ..< first + count).map { index in
            let place = (index &* 7919) % 10
            return place < 4 ? "a,x\n" : place < 8 ? "b,y\n" : place == 8 ? "a,y\n" : "b,x\n"
        }.joined()
    }

    init() throws { place = try Workplace() }

    private func fit(_ model: String) throws {
        try place.file("records.csv", records(2000, from: 0))
        try place.file("fresh.csv", records(500, from: 5000))
        #expect(try place.gibbs("fit", "table", "records.csv", "--model", model, "--hidden", "8", "--out", "w.gibbs").status == 0)
    }

    /// The entropy of what made the records is what no model beats by more than chance.
    @Test func machine() throws {
        try fit("rbm")
        let found = try place.expectWorks(["partition", "w.gibbs", "--data", "fresh.csv", "--base", "records.csv", "--steps", "500", "--json"]).object
        func number(_ name: String, _ part: String) -> Double { (found[name] as? [String: Any])?[part] as? Double ?? .nan }
        let exact = number("exact", "logPartition"), room = 4 * max(number("lower", "standardError"), number("upper", "standardError"), 1e-3)
        #expect(number("lower", "logPartition") <= exact + room && exact <= number("upper", "logPartition") + room)
        let entropy = -2 * (0.4 * log(0.4) + 0.1 * log(0.1)), likelihood = number("test", "logLikelihood")
        #expect(abs(likelihood + entropy) < 0.1, "\(likelihood) nats a record where \(-entropy) is right")
        #expect(number("test", "records") == 500)
    }

    /// Independent names cost their mutual information more.
    @Test func closedForms() throws {
        let entropy = -2 * (0.4 * log(0.4) + 0.1 * log(0.1))
        for (model, right) in [("categorical", -2 * log(2)), ("memory", -entropy)] {
            try fit(model)
            let found = try place.expectWorks(["partition", "w.gibbs", "--data", "fresh.csv", "--json"]).object
            let likelihood = (found["test"] as! [String: Any])["logLikelihood"] as! Double
            #expect(abs(likelihood - right) < 0.12, "\(model): \(likelihood) nats a record where \(right) is right")
        }
    }
}
