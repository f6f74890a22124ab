"""Writes results.json from the runs and measurements that make.sh made; its argument is their folder."""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def run(name, precision):
    results = json.loads((folder / f"{name}-{precision}" / "results.json").read_text())
    log = [json.loads(line) for line in (folder / f"{name}-{precision}" / "train_log.jsonl").read_text().splitlines()]
    found = {key: results[key] for key in (
        "steps", "val_ppl", "best_val_ppl", "train_ppl", "tokens_per_s", "wall_clock_s", "peak_rss_mb", "weights_sha256") if key in results}
    found["val_loss"] = log[-1]["val_loss"]
    found["mean_loss_of_last_100_steps"] = sum(line["loss"] for line in log[-100:]) / len(log[-100:])
    if "loss_scale" in log[-1]:
        found["last_loss_scale"] = log[-1]["loss_scale"]
        found["skipped_steps"] = log[-1]["skipped_steps"]
    return found


precisions = ("fp32", "bf16", "fp16")
result = {"runs": {}, "steps": {}}
for name in ("verbs", "nanogpt-cpu"):
    if (folder / f"{name}-fp32").is_dir():
        result["runs"][name] = {precision: run(name, precision) for precision in precisions}
for precision in precisions:
    measured = json.loads((folder / f"steps-{precision}.json").read_text())
    result["machine"] = measured["machine"]
    for step in measured["presets"]:
        keys = ("threads", "median_ms", "fastest_ms", "tokens_per_s", "activation_bytes", "peak_rss_mb")
        result["steps"].setdefault(step["preset"], {})[precision] = {key: step[key] for key in keys}
print(json.dumps(result, indent=2))
