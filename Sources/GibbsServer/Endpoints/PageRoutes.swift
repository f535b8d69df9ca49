import Foundation
import Gibbs
import HTTPTypes
import Hummingbird

/// The live page: one document, its style and its scripts, all from this program; data come by the same routes that programs use.
extension Routes {
    private static let files: [(path: String, bytes: [UInt8], type: String)] = [
        ("/", PackageResources.page_html, "text/html; charset=utf-8"), ("/page/page.css", PackageResources.page_css, "text/css; charset=utf-8"),
        ("/page/page.js", PackageResources.page_js, "text/javascript; charset=utf-8"), ("/page/tools.js", PackageResources.tools_js, "text/javascript; charset=utf-8"),
        ("/page/watch.js", PackageResources.watch_js, "text/javascript; charset=utf-8"), ("/page/recommend.js", PackageResources.recommend_js, "text/javascript; charset=utf-8"),
        ("/page/create.js", PackageResources.create_js, "text/javascript; charset=utf-8"), ("/page/models.js", PackageResources.models_js, "text/javascript; charset=utf-8"),
        ("/page/words.js", words, "text/javascript; charset=utf-8"),
    ]

    /// Words that the page shares with the service, which is where they are told.
    private static let words = Array("// Written by the service.\nexport const severities = \(JSONValue.array(StreamAlert.severities.map { .string($0) }).text);\n".utf8)

    package static let page: [Route] = files.map { path, bytes, type in
        let tag = "\"\(Digest.hex(of: bytes))\""
        return Route(method: .get, path: path, summary: path == "/" ? "The live page" : "A part of the live page", answer: .raw(type: String(type.prefix { $0 != ";" }), words: "a file"), isOpen: true) { exchange in
            var response = exchange.request.headers[.ifNoneMatch] == tag ? Response(status: .notModified) : Response.bytes(bytes, type: type)
            response.headers[.eTag] = tag
            response.headers[.cacheControl] = "no-cache"
            return response
        }
    }
}
