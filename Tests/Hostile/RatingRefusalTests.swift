import CommandDriver
import Testing

/// What a recommender cannot do is said, with what to do instead.
@Suite struct RatingRefusalTests {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        var events = "user,item,rating,time\n", number = 0
        for user in 0 ..< 60 {
            for item in 0 ..< 40 where (user * 7 + item * 13) % 3 != 0 {
                number += 1
                events += "u\(user),i\(item),\(user % 2 == item % 2 ? 4 + (user * 5 + item * 3) / 2 % 2 : 1 + (user * 3 + item * 7) / 2 % 2),\(1_000_000 + number * 37 % 9_973)\n"
            }
        }
        try place.file("r.csv", events)
    }

    @Test func refusals() throws {
        #expect(try place.gibbs("fit", "ratings", "r.csv", "--out", "m.gibbs").status == 0)
        try place.expectRefusal(65, "no person 'nobody'", by: ["recommend", "m.gibbs", "--user", "nobody"])
        try place.expectRefusal(65, "no item 'i99'", by: ["similar", "m.gibbs", "--item", "i99"])
        try place.expectRefusal(65, "no item is left", by: ["recommend", "m.gibbs", "--user", "u3", "--only", "i3", "--exclude", "i3"])
        try place.expectRefusal(64, "exclude one another", by: ["recommend", "m.gibbs", "--user", "u3", "--everyone"])
        try place.expectRefusal(64, "nobody", by: ["recommend", "m.gibbs"])
        try place.expectRefusal(64, "one of them", by: ["recommend", "m.gibbs", "--user", "u3", "--temperature", "1", "--explore", "0.2"])
        try place.expectRefusal(64, "temperature of -1", by: ["recommend", "m.gibbs", "--user", "u3", "--temperature=-1"])
        try place.expectRefusal(64, "model of events", by: ["fit", "ratings", "r.csv", "--model", "softmax", "--out", "x.gibbs"])
        try place.expectRefusal(64, "model of ratings", by: ["fit", "ratings", "r.csv", "--implicit", "--model", "rating-rbm", "--out", "x.gibbs"])
        try place.expectRefusal(65, "off the scale", by: ["fit", "ratings", "r.csv", "--scale", "2:5", "--out", "x.gibbs"])
        // What it was fitted on is no test.
        try place.expectRefusal(65, "in the histories", by: ["evaluate", "m.gibbs", "r.csv"])
        try place.file("bad.csv", "user,item,rating\na,x,1\nb,x,great\n")
        try place.expectRefusal(65, "bad.csv:3", "'great' is no finite number", by: ["fit", "ratings", "bad.csv", "--out", "x.gibbs"])
        try place.expectRefusal(65, "recommender", by: ["watch", "m.gibbs", "r.csv"])
    }
}
