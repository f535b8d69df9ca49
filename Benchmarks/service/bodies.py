"""Writes bodies of requests: row.json, rows.json (1000 rows), events.0 … (1000 lines each). Usage: bodies.py TABLE.csv EVENTS.ndjson FOLDER"""
import csv
import json
import sys

table, events, folder = sys.argv[1:]


def value(text):
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text or None


with open(table, newline="", encoding="utf-8") as file:
    rows = [{name: value(text) for name, text in row.items() if name not in ("time", "label")} for row, _ in zip(csv.DictReader(file), range(1000))]
with open(f"{folder}/row.json", "w", encoding="utf-8") as file:
    json.dump({"rows": rows[:1]}, file)
with open(f"{folder}/rows.json", "w", encoding="utf-8") as file:
    json.dump({"rows": rows}, file)
with open(events, encoding="utf-8") as file:
    lines = file.readlines()
for number in range(len(lines) // 1000):
    with open(f"{folder}/events.{number}", "w", encoding="utf-8") as file:
        file.writelines(lines[number * 1000:(number + 1) * 1000])
