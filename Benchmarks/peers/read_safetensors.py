"""Opens a model file with the safetensors package and prints what is in it as one JSON object."""
import argparse
import json

from safetensors import safe_open


def mean(file, name):
    try:
        tensor = file.get_tensor(name)
    except TypeError:  # a type that NumPy lacks, such as bfloat16
        return None
    return float(tensor.mean(dtype="float64")) if tensor.size else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    tensors = {}
    with safe_open(parser.parse_args().file, framework="numpy") as file:
        for name in sorted(file.keys()):
            view = file.get_slice(name)
            tensors[name] = {"shape": view.get_shape(), "dtype": view.get_dtype(), "mean": mean(file, name)}
        metadata = file.metadata() or {}
    print(json.dumps({"tensors": tensors, "metadata": metadata}, sort_keys=True))


if __name__ == "__main__":
    main()
