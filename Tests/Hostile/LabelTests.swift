import CommandDriver
import Testing

/// Columns and values that are not there.
@Suite struct LabelTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    @Test func wrongLabelColumn() throws {
        for verb in [["fit", "table", "data.csv", "--out", "new.gibbs"], ["calibrate", "m.gibbs", "data.csv"], ["evaluate", "m.gibbs", "data.csv"]] {
            try place.expectRefusal(65, "data.csv", "'verdict'", "'label'", by: verb + ["--label", "verdict", "--normal", "normal"])
            try place.expectRefusal(65, "data.csv", "'fine'", "'normal'", by: verb + ["--label", "label", "--normal", "fine"])
            try place.expectRefusal(64, "--label", by: verb + ["--normal", "normal"])
            try place.expectRefusal(64, "--normal", by: verb + ["--label", "label"])
        }
        try place.expectRefusal(65, "data.csv", "'virus'", "'attack'", by: ["evaluate", "m.gibbs", "data.csv", "--label", "label", "--positive", "virus"])
        try place.expectRefusal(64, "--negatives", by: ["evaluate", "m.gibbs", "data.csv"])
        try place.expectRefusal(65, "data.csv", "'nosuch'", by: ["fit", "table", "data.csv", "--ignore", "nosuch", "--out", "new.gibbs"])
    }

    @Test func onlyOneKind() throws {
        try place.file("normal.csv", "size,kind,label\n25,a,normal\n26,b,normal\n")
        try place.expectRefusal(65, "normal.csv", "both kinds", by: ["evaluate", "m.gibbs", "normal.csv", "--label", "label", "--normal", "normal"])
    }

    @Test func anotherTable() throws {
        try place.file("other.csv", "weight,colour\n1,red\n")
        try place.file("other.ndjson", "{\"weight\":1,\"colour\":\"red\"}\n")
        for verb in ["score", "calibrate"] {
            try place.expectRefusal(65, "other.csv", "'size'", by: [verb, "m.gibbs", "other.csv", "--out", "new"])
        }
        try place.expectRefusal(65, "other.csv", "'size'", by: ["evaluate", "m.gibbs", "other.csv", "--negatives", "data.csv"])
        try place.expectRefusal(65, "other.csv", "'size'", by: ["evaluate", "m.gibbs", "data.csv", "--negatives", "other.csv"])
        try place.expectRefusal(65, "other.ndjson", "'size'", by: ["calibrate", "m.gibbs", "other.ndjson"])
    }

    @Test func nothingToLearnFrom() throws {
        try place.file("names.csv", "name\n" + (0 ..< 50).map { "person \($0)\n" }.joined())
        try place.expectRefusal(65, "names.csv", "'name'", by: ["fit", "table", "names.csv", "--out", "new.gibbs"])
        try place.expectRefusal(65, "data.csv", by: ["fit", "table", "data.csv", "--ignore", "size,kind,label", "--out", "new.gibbs"])
    }
}
