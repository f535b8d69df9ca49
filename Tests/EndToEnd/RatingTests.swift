import CommandDriver
import Foundation
import Testing

/// Recommenders from the command line, on small made-up tastes: people of group g like items of group g.
@Suite struct RatingTests {
    private let place: Workplace

    init() throws { place = try SmallRatings.place() }

    @Test func eventsToListsAndJudgement() throws {
        for model in ["factors", "softmax", "neighbours", "popularity"] {
            let fit = try place.gibbs("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--model", model, "--split", "user", "--test-out", "test.csv", "--out", "m.gibbs")
            #expect(fit.status == 0 && fit.output.contains("60 people"), "\(fit)")
            let lists = try place.gibbs("recommend", "m.gibbs", "--user", "u3", "-k", "5", "--json")
            let list = try #require(try lists.objects.first), items = try #require(list["items"] as? [[String: Any]])
            #expect(items.count == 5 && list["temperature"] as? Double == 0)
            let names = items.compactMap { $0["item"] as? String }
            if model != "popularity" { #expect(names.allSatisfy { Int($0.dropFirst())! % 2 == 1 }, "\(model): \(names)") }
            let judged = try #require(try place.gibbs("evaluate", "m.gibbs", "test.csv").objects.first?["lists"] as? [String: Any])
            func ndcg(_ of: Any?) throws -> Double { try #require((of as? [String: Any])?["ndcg@10"] as? Double) }
            if model != "popularity" {
                #expect(try ndcg(judged) > 1.5 * ndcg(judged["baseline"]) && ndcg(judged["shuffled"]) < 0.8 * ndcg(judged), "\(model): \(judged)")
            } else { #expect(try abs(ndcg(judged) - ndcg(judged["baseline"])) < 1e-9) }
        }
    }

    @Test func ratingsToStars() throws {
        for model in ["factors", "rating-rbm", "biases"] {
            #expect(try place.gibbs("fit", "ratings", "r.csv", "--model", model, "--test-out", "test.csv", "--split", "time", "--out", "m.gibbs").status == 0)
            let judged = try #require(try place.gibbs("evaluate", "m.gibbs", "test.csv", "--wanted", "4").objects.first)
            let rmse = try #require(judged["rmse"] as? Double), biases = try #require((judged["baseline"] as? [String: Any])?["rmse"] as? Double)
            let shuffled = try #require((judged["shuffled"] as? [String: Any])?["rmse"] as? Double)
            if model == "biases" { #expect(abs(rmse - biases) < 1e-6) } else { #expect(rmse < 0.95 * biases && shuffled > 1.1 * rmse, "\(model): \(rmse), biases \(biases), shuffled \(shuffled)") }
            #expect(judged["lists"] is [String: Any])
        }
        let folds = try #require(try place.gibbs("evaluate", "m.gibbs", "r.csv", "--folds", "3").objects.first)
        #expect((folds["folds"] as? [Any])?.count == 3 && folds["rmse"] is Double)
    }

    @Test func peopleItNeverSaw() throws {
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--model", "softmax", "--out", "m.gibbs").status == 0)
        try place.file("me.csv", "user,item,rating\nme,i1,5\nme,i3,5\nme,i5,4\nme,elsewhere,5\nme,i2,1\n")
        let found = try place.gibbs("recommend", "m.gibbs", "--ratings", "me.csv", "-k", "6", "--json"), items = try #require(try found.objects.first?["items"] as? [[String: Any]])
        let names = items.compactMap { $0["item"] as? String }
        #expect(names.allSatisfy { Int($0.dropFirst())! % 2 == 1 } && Set(names).isDisjoint(with: ["i1", "i3", "i5"]), "\(found)")
        #expect(found.errors.contains("1 of 4 ratings"), "\(found.errors)")
        let like = try place.gibbs("similar", "m.gibbs", "--item", "i4", "-k", "3", "--json")
        #expect(like.output.matches(of: /"item":"i(\d+)"/).dropFirst().allSatisfy { Int($0.1)! % 2 == 0 }, "\(like)")
    }

    @Test func dials() throws {
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--model", "softmax", "--out", "m.gibbs").status == 0)
        func list(_ options: String...) throws -> [String: Any] { try #require(try place.gibbs(["recommend", "m.gibbs", "--user", "u3", "-k", "4", "--json"] + options).objects.first) }
        let wide = try list("--effective-items", "8"), effective = try #require(wide["effectiveItems"] as? Double)
        #expect(abs(effective - 8) < 0.05)
        #expect(try #require(list("--explore", "1")["effectiveItems"] as? Double) > 0.98 * #require(wide["candidates"] as? Double))
        let drawn = try (0 ..< 8).map { try list("--explore", "0.9", "--key", "\($0)")["items"] as? [[String: Any]] }
        #expect(Set(drawn.map { $0?.compactMap { $0["item"] as? String } ?? [] }).count > 3)
        for items in drawn { #expect(Set(items?.compactMap { $0["item"] as? String } ?? []).count == 4) }
        let only = try list("--only", "i7,i9,i11,i0", "--exclude", "i9", "--seen")
        #expect(Set((only["items"] as? [[String: Any]] ?? []).compactMap { $0["item"] as? String }) == ["i7", "i11", "i0"])
    }

    /// Hotter lists reach more items and hit less; the plot is an SVG.
    @Test func temperatures() throws {
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--model", "softmax", "--split", "user", "--test-out", "test.csv", "--out", "m.gibbs").status == 0)
        let found = try place.gibbs("plot", "temperatures", "m.gibbs", "test.csv", "--at", "0.2,1,20", "-k", "3", "--json"), points = try #require(try found.objects.first?["points"] as? [[String: Any]])
        func values(_ name: String) -> [Double] { points.compactMap { $0[name] as? Double } }
        #expect(values("temperature") == [0, 0.2, 1, 20] && values("effectiveItems") == values("effectiveItems").sorted(), "\(found)")
        #expect(values("hitRate")[0] > 1.3 * values("hitRate")[3] && values("coverage")[3] >= values("coverage")[0], "\(found)")
        #expect(try place.text("m-temperatures.svg").hasPrefix("<svg") || place.text("m-temperatures.svg").contains("<svg"))
    }
}
