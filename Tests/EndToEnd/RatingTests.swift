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

    @Test func negativesInTheBatch() throws {
        let fit = ["fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--split", "user", "--test-out", "test.csv", "--out", "m.gibbs"], model = fit + ["--model", "softmax", "--negatives", "in-batch"]
        let told = try place.expectWorks(model + ["--batch", "16"]).output
        let figures = try #require(told.firstMatch(of: /InfoNCE in batches of 16 people: .* at least ([0-9.]+) nats of the item, of ([0-9.]+) = ln\(candidates\)/), "\(told)")
        #expect(try #require(Double(figures.1)) < #require(Double(figures.2)))
        #expect(try place.expectWorks(["inspect", "m.gibbs"]).output.contains("InfoNCE in batches of 16 people"))
        let judged = try #require(try place.gibbs("evaluate", "m.gibbs", "test.csv").objects.first?["lists"] as? [String: Any])
        func ndcg(_ of: Any?) throws -> Double { try #require((of as? [String: Any])?["ndcg@10"] as? Double) }
        #expect(try ndcg(judged) > 1.5 * ndcg(judged["baseline"]), "\(judged)")
        for (arguments, words) in [(model + ["--batch", "1"], "InfoNCE in a batch of 1: the right item has no other to be told from"), (fit + ["--model", "factors", "--negatives", "in-batch"], "a choice of negatives for 'factors'"),
                                   (fit + ["--model", "popularity", "--batch", "8"], "a size of batches for 'popularity'"), (model + ["--batch", "0"], "a batch of 0")] {
            let refused = try place.gibbs(arguments)
            #expect(refused.status == 64 && refused.errors.contains(words), "\(refused)")
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
        #expect(found.errors.contains("1 of 5 ratings"), "\(found.errors)")
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
        let alone = try place.gibbs("recommend", "m.gibbs", "--user", "u5", "--temperature", "2", "--json").output
        #expect(try place.gibbs("recommend", "m.gibbs", "--user", "u3", "--user", "u5", "--temperature", "2", "--json").output.hasSuffix(alone))
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

    @Test func scoresOfPairs() throws {
        try place.file("pairs.csv", "user,item,rating\nu3,i1,4\nu3,i2,4\nu4,i2,5\nsomebody,i2,1\nu3,elsewhere,2\n")
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--model", "rating-rbm", "--out", "stars.gibbs").status == 0)
        let stars = try place.gibbs("score", "stars.gibbs", "pairs.csv"), lines = try stars.objects
        #expect(lines.count == 4 && stars.errors.contains("1 of 5 rows") && stars.errors.contains("never saw one of the people"), "\(stars)")
        for line in lines {
            let ratings = try #require(line["ratings"] as? [String: Double]), given = ["u3": 4, "u4": 5, "somebody": 1][line["user"] as? String ?? ""] ?? 0
            #expect(abs(ratings.values.reduce(0, +) - 1) < 1e-4)
            #expect(try abs(#require(line["expected"] as? Double) - ratings.reduce(0.0) { $0 + Double($1.key)! * $1.value }) < 1e-3)
            #expect(try abs(#require(line["surprise"] as? Double) + log(#require(ratings["\(given)"]))) < 1e-2, "\(line)")
        }
        // Odd people like odd items.
        func expected(_ index: Int) throws -> Double { try #require(lines[index]["expected"] as? Double) }
        #expect(try expected(0) > expected(1) + 0.5 && expected(2) > expected(1) + 0.5)

        #expect(try place.gibbs("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--model", "softmax", "--out", "m.gibbs").status == 0)
        let events = try place.gibbs("score", "m.gibbs", "pairs.csv").objects
        let list = try #require(try place.gibbs("recommend", "m.gibbs", "--user", "u3", "-k", "100", "--temperature", "1", "--json").objects.first?["items"] as? [[String: Any]])
        let unseen = try #require(list.first { $0["item"] as? String == "i2" }), scored = try #require(events.first { $0["item"] as? String == "i2" && $0["user"] as? String == "u3" })
        let p = try #require(unseen["probability"] as? Double), q = try #require(scored["probability"] as? Double), surprise = try #require(scored["surprise"] as? Double)
        #expect(abs(p / q - 1) < 1e-3 && abs(surprise + log(q)) < 1e-3, "\(p) \(q)")
        #expect(try place.gibbs("score", "m.gibbs", "pairs.csv", "--explain").status == 64)
        try place.file("off.csv", "user,item,rating\nu3,i1,4.4\n")
        #expect(try place.gibbs("score", "stars.gibbs", "off.csv").status == 65)
    }

    @Test func columnsAreRemembered() throws {
        try place.file("shop.csv", "customer,sku,qty\n" + (0 ..< 60).map { "c\($0 % 12),s\($0 * 7 % 11),\(1 + $0 % 3)\n" }.joined())
        #expect(try place.gibbs("fit", "ratings", "shop.csv", "--implicit", "--user-column", "customer", "--item-column", "sku", "--out", "m.gibbs").output.contains("'customer' as the person, 'sku' as the item"))
        try place.file("new.csv", "sku,customer\ns1,neu\nc1,s3\ns3,neu\n")
        let found = try place.gibbs("recommend", "m.gibbs", "--ratings", "new.csv", "-k", "2", "--exclude", "s5,gone")
        #expect(found.status == 0 && found.output.hasPrefix("for neu:") && found.errors.contains("1 of 2 items to exclude"), "\(found)")
        try place.file("titles.csv", "price,sku,name\n1,s1,one\n2,s2,two\n3,s3,three\n4,s4,four\n")
        let titled = try place.gibbs("recommend", "m.gibbs", "--user", "c1", "-k", "11", "--seen", "--titles", "titles.csv", "--title-column", "name")
        #expect(titled.output.contains("s4  four") && titled.errors.isEmpty, "\(titled)")
        #expect(try place.gibbs("recommend", "m.gibbs", "--user", "c1", "--titles", "titles.csv", "--item-column", "price").errors.contains("no item has a title"))
    }

    /// The items in the order of the stars they are expected to get.
    @Test func listsOfStars() throws {
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--model", "rating-rbm", "--out", "m.gibbs").status == 0)
        let found = try place.gibbs("recommend", "m.gibbs", "--user", "u3", "-k", "12")
        let stars = found.output.matches(of: /(?m)^ *\d+ +([\d.]+) expected  i(\d+)$/).map { (Double($0.1)!, Int($0.2)!) }
        #expect(stars.count == 12 && stars.map(\.0) == stars.map(\.0).sorted(by: >) && stars.prefix(4).allSatisfy { $0.1 % 2 == 1 } && stars[0].0 > 3.5, "\(found)")
    }

    /// The example of the README: a model of the command line, read in Swift.
    @Test func theExampleInSwift() throws {
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--implicit", "--at-least", "4", "--model", "softmax", "--out", "m.gibbs").status == 0)
        let found = try place.example("RecommendExample", ["m.gibbs", "i1", "i3", "i5"])
        let names = found.output.matches(of: /(?m)^ *[\d.]+ %  (i\d+)$/).map { String($0.1) }
        #expect(found.status == 0 && names.count == 10 && names.prefix(5).allSatisfy { Int($0.dropFirst())! % 2 == 1 } && Set(names).isDisjoint(with: ["i1", "i3", "i5"]), "\(found)")
        #expect(found.output.contains("effective items"), "\(found)")
        let unknown = try place.example("RecommendExample", ["m.gibbs", "i1", "nothing"])
        #expect(unknown.status != 0 && unknown.errors.contains("nothing"), "\(unknown)")
    }
}
