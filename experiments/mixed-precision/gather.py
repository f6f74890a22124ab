"""Writes results.json from the runs and measurements that make.sh made; its argument is their folder."""
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
presets = {"verbs": "lab", "nanogpt-cpu": "nanogpt-cpu"}  # the preset of the step benchmark that has the recipe's model and batch
precisions = ("fp32", "bf16", "fp16")

seconds = {}
for line in (folder / "processor_seconds.txt").read_text().splitlines():
    recipe, precision, steps, taken = line.split()
    seconds.setdefault((recipe, precision), []).append((int(steps), float(taken)))


def run(recipe, precision):
    results = json.loads((folder / f"{recipe}-{precision}" / "results.json").read_text())
    log = [json.loads(line) for line in (folder / f"{recipe}-{precision}" / "train_log.jsonl").read_text().splitlines()]
    found = {key: results[key] for key in ("steps", "train_ppl", "val_ppl", "best_val_ppl", "peak_rss_mb", "weights_sha256")}
    found["first_loss"] = log[0]["loss"]
    found["mean_loss_of_last_100_steps"] = sum(line["loss"] for line in log[-100:]) / 100
    found["val_loss"] = log[-1]["val_loss"]
    if "loss_scale" in log[-1]:
        found["loss_scale_of_last_step"] = log[-1]["loss_scale"]
        found["skipped_steps"] = log[-1]["skipped_steps"]
    (few, at_few), (many, at_many) = seconds[recipe, precision]
    found["processor_ms_per_step"] = round((at_many - at_few) / (many - few) * 1e3, 2)
    measured = json.loads((folder / f"steps-{precision}.json").read_text())
    step = next(step for step in measured["presets"] if step["preset"] == presets[recipe])
    found["activation_bytes_on_one_thread"] = step["activation_bytes"]
    return found


result = {"machine": json.loads((folder / "steps-fp32.json").read_text())["machine"]}
for recipe in presets:
    if (folder / f"{recipe}-fp32").is_dir():
        result[recipe] = {precision: run(recipe, precision) for precision in precisions}
print(json.dumps(result, indent=2))
