import CommandDriver
import Foundation
import Testing

/// Folders that are no text encoders.
@Suite struct TextEncoderTests {
    @Test func folders() throws {
        let place = try Workplace()
        try place.expectRefusal(66, "config.json", by: ["attention", "none", "text"])
        for (name, text, status, words) in [
            ("config.json", "{", 65, "is no config.json"), ("config.json", "{\"model_type\":\"gpt2\",\"hidden_act\":\"gelu\"}", 65, "is no config.json"),
            ("config.json", """
                {"model_type":"bert","hidden_act":"gelu","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":3,"intermediate_size":8,"max_position_embeddings":8,"vocab_size":9,"layer_norm_eps":1e-12}
                """, 65, "impossible sizes"),
            ("config.json", """
                {"model_type":"bert","hidden_act":"gelu","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":8,"max_position_embeddings":8,"vocab_size":9,"layer_norm_eps":1e-12}
                """, 66, "tokenizer.json"),
            ("tokenizer.json", "[1, 2", 65, "no tokenizer.json"), ("tokenizer.json", String(repeating: "[", count: 100_000), 65, "no tokenizer.json"),
        ] as [(String, String, Int32, String)] {
            try FileManager.default.createDirectory(atPath: place.place("folder"), withIntermediateDirectories: true)
            try place.file("folder/" + name, text)
            try place.expectRefusal(status, words, by: ["attention", "folder", "text"])
            try place.file("texts.csv", "text\na\n")
            try place.expectRefusal(status, words, by: ["embed", "folder", "texts.csv", "--column", "text", "--out", "v.npy"])
        }
    }
}
