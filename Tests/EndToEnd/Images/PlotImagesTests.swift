import CommandDriver
import Foundation
#if canImport(FoundationXML)
import FoundationXML
#endif
import Testing

/// Plots of the real program, which are whole SVG files, and say what they show.
@Suite struct PlotImagesTests {
    /// The texts of an SVG file, which the parser must read to its end.
    private func texts(_ place: Workplace, _ name: String) throws -> [String] {
        final class Reader: NSObject, XMLParserDelegate {
            var texts = [String](), isText = false
            func parser(_ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]) {
                isText = name == "text"
                if isText { texts.append("") }
            }
            func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) { isText = false }
            func parser(_ parser: XMLParser, foundCharacters string: String) { if isText { texts[texts.count - 1] += string } }
        }
        let reader = Reader(), parser = XMLParser(data: Data(try place.bytes(name)))
        parser.delegate = reader
        #expect(parser.parse(), "\(name) is no XML: \(String(describing: parser.parserError))")
        return reader.texts
    }

    @Test(arguments: ["gaussian", "rbm", "memory"]) func landscapes(model: String) throws {
        let place = try Workplace.withImages(model)
        _ = try place.expectWorks(["plot", "landscape", "\(model).gibbs", "--classes", "0,1"])
        let line = try texts(place, "\(model)-landscape.svg")
        #expect(line.contains("energy above the lowest (nats)") && line.contains("under 0") && line.contains("under 1"), "\(line)")
        let shown = ["--data", "images-idx3-ubyte", "--labels", "labels-idx1-ubyte", "--grid", "21", "--count", "20"]
        _ = try place.expectWorks(["plot", "landscape", "\(model).gibbs", "--classes", "0,1", "--out", "two.svg"] + shown)
        let two = try texts(place, "two.svg"), space = model == "gaussian" ? "log-odds of brightness" : "brightness"
        #expect(two.contains("along 0 → 1 (\(space))") && two.contains("0") && two.contains("either class"), "\(two)")
        _ = try place.expectWorks(["plot", "landscape", "\(model).gibbs", "--out", "three.svg", "--grid", "21"])
        let three = try texts(place, "three.svg")
        #expect(three.contains("mean of 2") && three.contains("energy of 0, 1, 2 on the plane of the means"), "\(three)")
        _ = try place.expectWorks(["plot", "landscape", "\(model).gibbs", "--classes", "2", "--out", "one.svg"] + shown)
        #expect(try texts(place, "one.svg").contains("second principal axis (\(space))"))
    }

    @Test func filters() throws {
        let place = try Workplace.withImages("gaussian", "rbm", "memory")
        // Labels stand left of three rows; tiles are framed by a pixel, or not, three pixels apart.
        _ = try place.expectWorks(["plot", "filters", "rbm.gibbs", "--count", "5", "--scale", "4"])
        let weights = try place.picture("rbm-filters.png")
        #expect(weights.height == 3 * 34 + 2 * 3 && weights.width > 5 * 34 + 4 * 3 && weights.channels == 3)
        _ = try place.expectWorks(["plot", "filters", "gaussian.gibbs", "--scale", "4"])
        #expect(try place.picture("gaussian-filters.png").height == 3 * 32 + 2 * 3)
        // A single memory's images make a square without labels.
        _ = try place.expectWorks(["plot", "filters", "memory.gibbs", "--class", "1", "--count", "9", "--scale", "2", "--out", "m.png"])
        let square = try place.picture("m.png")
        #expect(square.width == 3 * 16 + 2 * 3 && square.height == square.width)
    }

    @Test func chains() throws {
        let place = try Workplace.withImages("gaussian")
        let run = ["plot", "chains", "gaussian.gibbs", "--class", "0", "--steps", "200", "--chains", "4"]
        let found = try place.expectWorks(run + ["--json"]).object, drawn = try texts(place, "gaussian-chains.svg")
        let figure = String(format: "split R̂ %.3f after all draws", found["rHat"] as! Double)
        #expect(drawn.contains(figure) && drawn.contains("class 0 by hmc: 4 chains") && drawn.contains { $0.hasPrefix("autocorrelation: ESS") }, "\(drawn)")
        #expect(drawn.contains("energy (nats)") && found["draws"] as? Int == 800)
        let bytes = try place.bytes("gaussian-chains.svg")
        _ = try place.expectWorks(run)
        #expect(try place.bytes("gaussian-chains.svg") == bytes, "the same key gives the same plot")
        let none = try place.gibbs(run + ["--kernel", "exact"])
        #expect(none.status == 64 && none.errors.contains("'exact' are independent: there are no chains to look at"), "\(none)")
    }

    /// The share of alerts that the plot tells is that of `score`.
    @Test func energies() throws {
        let place = try Office.copy("office.gibbs", "today.csv", "calm.csv")
        let told = try place.expectWorks(["plot", "energies", "office.gibbs", "today.csv", "calm.csv", "--json"]).objects
        #expect(told.map { $0["name"] as? String } == ["calibration", "today.csv", "calm.csv"])
        for (name, figures) in zip(["today.csv", "calm.csv"], told.dropFirst()) {
            let scores = try place.gibbs("score", "office.gibbs", name).objects, rate = Double(scores.count { $0["alert"] as? Bool == true }) / Double(scores.count)
            #expect(abs((figures["alertRate"] as! Double) - rate) < 1e-5 && figures["records"] as? Int == scores.count, "\(figures), and score says \(rate)")
        }
        let drawn = try texts(place, "office-energies.svg")
        #expect(drawn.contains("energy (nats)") && drawn.contains("density (1/nat)") && drawn.contains { $0.hasPrefix("alert above ") } && drawn.contains { $0.hasPrefix("calm.csv: ") }, "\(drawn)")
        // By label every file is two samples; of the attacks more raise an alert.
        let split = try place.expectWorks(["plot", "energies", "office.gibbs", "today.csv", "--label", "label", "--normal", "normal", "--log", "--json"]).objects
        #expect(split.map { $0["name"] as? String } == ["calibration", "normal, today.csv", "others, today.csv"])
        #expect((split[2]["alertRate"] as! Double) > 10 * (split[1]["alertRate"] as! Double), "\(split)")
    }
}
