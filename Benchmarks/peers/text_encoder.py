"""A sentence encoder in Gibbs and in sentence-transformers: the same vectors, and the seconds of a pass, in turns.

python text_encoder.py PROGRAM FOLDER [--threads N] [--rounds N] [--sentences]

PROGRAM is GibbsBench, FOLDER what `scripts/setup --text` printed. Compared: ids and vectors of odd sentences, texts beyond 512 tokens cut to 512
by both. Timed: batches of 1 and 32 texts of equal length, which spares PyTorch its padding; Gibbs also makes the tokens and the mean, PyTorch
runs the model alone, in inference mode. --sentences prints what Tests/GibbsTextTests/MiniLMReference.swift holds.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers import BertModel

from common import emit, log, machine

SENTENCES = [
    'The quick brown fox jumps over the lazy dog.',
    'Hello, World!',
    'caf\xe9 na\xefve r\xe9sum\xe9 co\xf6perate',
    'CAF\xc9 NA\xcfVE R\xc9SUM\xc9',
    '\xc7a alors ! O\xf9 est-ce ?',
    'Stra\xdfe und Gr\xf6\xdfe, \xdcbermut',
    '\xc5NGSTR\xd6M \xd8rsted \xe6ther',
    '\u0132sselmeer \u0133s',
    "\u0130stanbul'da \u0131\u015f\u0131k",
    '\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3',
    '\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0401\u043b\u043a\u0430',
    '\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002',
    '\u6771\u4eac\u30bf\u30ef\u30fc\u3078\u884c\u304d\u307e\u3057\u305f',
    '\u79c1\u306f\u30ac\u30e9\u30b9\u3092\u98df\u3079\u3089\u308c\u307e\u3059\u3002',
    '\ud55c\uad6d\uc5b4 \ubb38\uc7a5\uc785\ub2c8\ub2e4',
    '\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22\u0e07\u0e48\u0e32\u0e22\u0e19\u0e34\u0e14\u0e40\u0e14\u0e35\u0e22\u0e27',
    '\u0939\u093f\u0928\u094d\u0926\u0940 \u092e\u0947\u0902 \u090f\u0915 \u0935\u093e\u0915\u094d\u092f \u0939\u0948',
    '\u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u0644\u063a\u0629 \u062c\u0645\u064a\u0644\u0629 \u062c\u062f\u0627',
    '\u05e2\u05d1\u05e8\u05d9\u05ea \u05e9\u05e4\u05d4 \u05d9\u05e4\u05d4',
    'Ti\u1ebfng Vi\u1ec7t c\xf3 d\u1ea5u',
    'emoji \U0001f600 party \U0001f389\U0001f38a \U0001f469\u200d\U0001f469\u200d\U0001f467',
    'math: \u2211_{i=1}^n x_i\xb2 \u2264 \u222b f d\u03bc',
    'x<y && y>=z || !w',
    'http://www.example.com/path?q=1&r=2#frag',
    'user@example.co.uk',
    '2024-01-31T23:59:59Z',
    '$1,234.56 or \u20ac99 or \xa35 or \xa5700',
    'tabs\tand\nnewlines\r\nhere',
    '  leading and trailing  ',
    'multiple     spaces    inside',
    'zero\u200bwidth\u200djoin\ufeff',
    'soft\xadhyphen',
    'nbsp\xa0here thin\u2009space',
    'quotes \u201ccurly\u201d \u2018single\u2019 \xabguillemets\xbb \u201elow\u201c',
    'dash \u2013 en \u2014 em \u2015 bar \u2010 hyphen',
    'ellipsis\u2026 and \u2022 bullet \xb7 dot',
    'antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis',
    'a' * 99,
    'b' * 100,
    'c' * 101,
    'ab' * 80,
    'supercalifragilisticexpialidocious!!!',
    '[MASK] is a token and [SEP] too [CLS]',
    '[UNK]',
    '[mask] lower',
    'a[MASK]b',
    '####',
    '##ing ##ed',
    'e\u0301 combining and a\u030a',
    '\ufb01 ligature \ufb02',
    '\u2460\u2461\u2462 \u2167 \xbd',
    '\U0001d4bb\U0001d4b6\U0001d4c3\U0001d4b8\U0001d4ce \U0001d41b\U0001d428\U0001d425\U0001d41d',
    '\uff46\uff55\uff4c\uff4c\uff57\uff49\uff44\uff54\uff48\u3000\uff34\uff25\uff38\uff34',
    '\U00020000\U00020001 rare ideographs \u8c48',
    'control\x01\x02chars\x7fhere\x85',
    '\ufffd replaced \ufffd',
    'private \ue000 use',
    '\u13e3\u13b3\u13a9 cherokee \uab70',
    '\u01c5 titlecase \u01c6',
    'K kelvin \xc5 angstrom \u03a9 ohm',
    'The DOG ran 3.14159 times; isn\'t that "odd"?',
    'C++ and C# and F# and .NET',
    'snake_case camelCase kebab-case SCREAMING_CASE',
    'Failed password for root from 10.0.0.1 port 22 ssh2',
    'SELECT * FROM users WHERE id = 1; DROP TABLE users;--',
    'word ' * 600,
    '\u4e0d' * 700,
    'I love machine learning. I love machine learning. I love machine learning. ',
    'one',
    '?',
    '\u2013',
    'a\u0300\u0316b\u0316\u0300c',
    'N\u01d0 h\u01ceo, sh\xecji\xe8',
    '\u02bbokina Hawai\u02bbi',
    'Dvo\u0159\xe1k \u0160koda \u017di\u017eek',
    '\u1100 \u1101 \uac01',
    '\u1e9e \xdf SS',
    '\u0149 \u02bcn',
    '\ufdfa bismillah',
    '\u0661\u0662\u0663 digits \u096a\u096b\u096c',
    '\u202ertl override\u202c text',
    '\u2713 \u2717 \u2605 \u2606 \u2660 \u2665',
    '\u2190 \u2191 \u2192 \u2193 \u21d2 \u21d4',
    '\u2500\u2502\u250c\u2510 box',
    '\U0001f1e9\U0001f1ea flags \U0001f1ef\U0001f1f5',
    '\U0001f44d\U0001f3fd skin',
    '\u03a9\u2248\xe7\u221a\u222b\u02dc\xb5\u2264\u2265\xf7',
    '\xc5\xcd\xce\xcf\u02dd\xd3\xd4\xd2\xda\xc6\u2603',
    '\u309d\u309e\u3005\u3006\u3007',
    '\u3002\u3001\uff01\uff1f\uff1a\uff1b\u300c\u300d',
    '\u2030 \u2031 \u2116 \u2121 \u2122',
    '\ua66e multiocular',
    '\u2028line sep\u2029para',
]
SHAPES = [(1, 16), (1, 32), (1, 128), (32, 16), (32, 32), (32, 128)]


def swift(text):
    """A Swift literal."""
    return '"' + "".join("\\" + c if c in '"\\' else c if 32 <= ord(c) < 127 else "\\u{%x}" % ord(c) for c in text) + '"'


def reference(folder):
    """Ids without a limit, and vectors by the reference library at 512 tokens."""
    tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    from sentence_transformers.models import Normalize, Pooling, Transformer
    encoder = Transformer(folder, max_seq_length=512)
    model = SentenceTransformer(modules=[encoder, Pooling(encoder.get_word_embedding_dimension(), "mean"), Normalize()], device="cpu")
    return [e.ids for e in tokenizer.encode_batch(SENTENCES)], model.encode(SENTENCES)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--sentences", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    ids, vectors = reference(options.folder)
    if options.sentences:
        for text, row, vector in zip(SENTENCES, ids, vectors):
            if len(row) <= 130:
                print("        (%s, %s, [%s])," % (swift(text), row, ", ".join("%.6f" % vector[k] for k in (0, 101, 202, 303))))
        return
    emit("machine", "text", "description", machine("torch", "transformers", "sentence-transformers"), threads=options.threads)
    with tempfile.TemporaryDirectory() as place:
        with open(os.path.join(place, "sentences.json"), "w") as file:
            json.dump(SENTENCES, file)
        ours = subprocess.Popen([options.program, "text", "--model", options.folder, "--sentences", os.path.join(place, "sentences.json"), "--out", os.path.join(place, "v.npy")],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert ours.stdout.readline().strip() == "ready"
        difference = np.abs(np.load(os.path.join(place, "v.npy")) - vectors).max(axis=1)
        emit("gibbs", "text", "largest_difference", float(difference.max()), sentences=len(SENTENCES), worst=SENTENCES[int(difference.argmax())])
        model = BertModel.from_pretrained(options.folder).eval()
        dog = Tokenizer.from_file(os.path.join(options.folder, "tokenizer.json")).token_to_id("dog")
        for batch, length in SHAPES:
            tokens = torch.full((batch, length), dog)

            def mine():
                ours.stdin.write(f"{batch} {length}\n")
                ours.stdin.flush()
                return float(ours.stdout.readline())

            def theirs():
                begin = time.perf_counter()
                with torch.inference_mode():
                    model(input_ids=tokens, attention_mask=torch.ones_like(tokens))
                return time.perf_counter() - begin

            pairs = [(mine(), theirs()) for _ in range(options.rounds + 2)][2:]
            ratio = statistics.quantiles([a / b for a, b in pairs], n=4)
            emit("gibbs", "text", "pass_over_pytorch", ratio[1], low=ratio[0], high=ratio[2], batch=batch, tokens=length, threads=options.threads,
                 gibbs_ms=1e3 * statistics.median(a for a, _ in pairs), pytorch_ms=1e3 * statistics.median(b for _, b in pairs))
        ours.stdin.close()
        ours.wait()
    log("done")


if __name__ == "__main__":
    main()
