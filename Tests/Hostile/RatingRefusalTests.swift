import CommandDriver
import Testing

/// What a recommender cannot do is said, with what to do instead.
@Suite struct RatingRefusalTests {
    private let place: Workplace

    init() throws { place = try SmallRatings.place() }

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
        // A setting that a model would pass over, and two outputs of one name.
        try place.expectRefusal(64, "a regularisation", by: ["fit", "ratings", "r.csv", "--regularisation", "2", "--out", "x.gibbs"])
        try place.expectRefusal(64, "a number of factors", by: ["fit", "ratings", "r.csv", "--model", "biases", "--factors", "3", "--out", "x.gibbs"])
        try place.expectRefusal(64, "--test-out would replace", by: ["fit", "ratings", "r.csv", "--test-out", "x.gibbs", "--out", "x.gibbs"])
        try place.expectRefusal(64, "standard output", by: ["fit", "ratings", "r.csv", "--out", "-"])
        for odd in ["1e-50", "1e300", "nan"] { try place.expectRefusal(64, "a temperature of", by: ["recommend", "m.gibbs", "--user", "u3", "--temperature", odd]) }
        try place.expectRefusal(64, "hidden units", by: ["fit", "ratings", "r.csv", "--model", "rating-rbm", "--factors", "9223372036854775807", "--out", "x.gibbs"])
        try place.expectRefusal(64, "lists of", by: ["evaluate", "m.gibbs", "r.csv", "-k", "9223372036854775807"])
        try place.expectRefusal(64, "--test-out", by: ["fit", "ratings", "r.csv", "--split", "user", "--out", "x.gibbs"])
        try place.file("events.csv", "user,item\na,x\na,y\nb,x\n")
        try place.expectRefusal(65, "--implicit", by: ["fit", "ratings", "events.csv", "--out", "x.gibbs"])
        try place.file("shop.csv", "buyer_name,thing\na,x\n")
        try place.expectRefusal(65, "--user-column", by: ["fit", "ratings", "shop.csv", "--implicit", "--out", "x.gibbs"])
        try place.file("me.csv", "user,item,rating\nme,i1,1000\n")
        try place.expectRefusal(65, "off the model's scale", by: ["recommend", "m.gibbs", "--ratings", "me.csv"])
        // What it was fitted on is no test.
        try place.expectRefusal(65, "in the histories", by: ["evaluate", "m.gibbs", "r.csv"])
        try place.file("bad.csv", "user,item,rating\na,x,1\nb,x,great\n")
        try place.expectRefusal(65, "bad.csv:3", "'great' is no finite number", by: ["fit", "ratings", "bad.csv", "--out", "x.gibbs"])
        try place.expectRefusal(65, "recommender", by: ["watch", "m.gibbs", "r.csv"])
    }
}
