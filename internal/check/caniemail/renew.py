#!/usr/bin/env python3
"""Makes data.json from the caniemail package's data file (make caniemail)."""
import json
import sys

FAMILIES = ("gmail", "outlook", "apple-mail", "yahoo")

source = json.load(open(sys.argv[1], encoding="utf-8"))
features = []
for row in source["data"]:
    if row["category"] not in ("css", "html", "image"):
        continue
    stats, used = {}, set()
    for family in FAMILIES:
        for platform, versions in row["stats"].get(family, {}).items():
            newest = list(versions.values())[-1]
            stats[f"{family}/{platform}"] = newest
            used |= {w.lstrip("#") for w in newest.split()[1:]}
    notes = {k: v for k, v in (row.get("notes_by_num") or {}).items() if k in used}
    features.append({"slug": row["slug"], "title": row["title"], "stats": stats, "notes": notes})
features.sort(key=lambda f: f["slug"])
print("{")
print(f' "updated": {json.dumps(source["last_update_date"][:10])},')
print(' "features": [')
print(",\n".join("  " + json.dumps(f, ensure_ascii=False, sort_keys=True) for f in features))
print(" ]")
print("}")
