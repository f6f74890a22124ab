"""What compare.sh runs: Habla and its peers in turns, medians over the rounds, and a table with the bars.

The peers are given their best. PyTorch runs in every pair of its own threads and OpenBLAS's, as it comes ("installed") and with
the settings that make it faster ("tuned"; torch_step.py says which), and for both the fastest pair counts.
"""

import collections
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
HABLA = os.environ.get("HABLA", str(ROOT / "habla"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SECONDS = os.environ.get("SECONDS_EACH", "5")
THREADS = int(os.environ.get("THREADS", "2"))

# Preset: how many times faster than PyTorch, and which share of the machine's fused multiply-adds, Habla has to be.
Bar = collections.namedtuple("Bar", "ratio mfu")
BARS = {
    "lab": Bar(3.0, 0.45),
    "book": Bar(3.0, 0.60),
    "nanogpt-cpu": Bar(3.0, 0.60),
    "shakespeare-char": Bar(1.6, 0.60),
    "gpt2-124m": Bar(1.6, 0.60),
}
PRESETS = os.environ.get("PRESETS", ",".join(BARS)).split(",")
# A comparison of some presets does not take the place of one of all.
STEP_RESULTS = "step" if set(PRESETS) == set(BARS) else "step-some"

# A way to run PyTorch; blas is OPENBLAS_NUM_THREADS, None for unset.
Way = collections.namedtuple("Way", "settings threads blas")
WAYS = [Way(settings, threads, blas)
        for settings in ("installed", "tuned") for threads in sorted({1, THREADS}) for blas in (1, None)]
# After the first round only ways that may still win are run again: the others were up to ten times slower.
STILL_IN_THE_RUNNING = 1.5


def say(text):
    print(text, file=sys.stderr, flush=True)


def output_of(command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode != 0:
        sys.exit(f"status {done.returncode} from: {' '.join(command)}")
    return done.stdout


def first_line(command):
    """For descriptions: what a program says, or that it is not known."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def commit():
    """Of the sources; results that a part before this one has written do not count as a change."""
    changed = first_line(["git", "-C", str(ROOT), "status", "--porcelain", "--", ".", ":!bench/results"])
    return first_line(["git", "-C", str(ROOT), "describe", "--always"]) + ("-dirty" if changed not in ("", "unknown") else "")


# The machine.

def describe_machine():
    cpu = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    fields = dict(line.split(":", 1) for line in cpu.split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    flags = fields.get("flags", fields.get("Features", "")).split()
    simd = next((name for flag, name in
                 (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"), ("sve", "SVE"), ("asimd", "NEON")) if flag in flags),
                "none known")
    meminfo = pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    memory = next(line for line in meminfo if line.startswith("MemTotal"))
    openblas = "import ctypes; b = ctypes.CDLL('libopenblas.so.0')\n" \
               "for f in (b.openblas_get_config, b.openblas_get_corename): f.restype = ctypes.c_char_p\n" \
               "print(b.openblas_get_config().decode().split()[1] + ', kernels for ' + b.openblas_get_corename().decode())"
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "cpu": f"{fields.get('model name', platform.machine())}, family {fields.get('cpu family', '?')}, "
               f"model {fields.get('model', '?')}",
        "cores": len(os.sched_getaffinity(0)),
        "simd": simd,
        "memory_gib": round(int(memory.split()[1]) / (1 << 20), 1),
        "kernel": platform.release().split("-")[0],
        "dotnet": first_line(["dotnet", "--version"]),
        "pytorch": first_line(["/usr/bin/python3", "-c", "import torch; print(torch.__version__)"]),
        "python3_torch": first_line(["dpkg-query", "-W", "-f", "${Version}", "python3-torch"]),
        "openblas": first_line(["/usr/bin/python3", "-c", openblas]),
        "onednn": first_line(["dpkg-query", "-W", "-f", "${Version}", "libdnnl2"]),
        "commit": commit(),
    }


# Measuring.

def habla_step(preset):
    report = json.loads(output_of(
        [HABLA, "bench", "step", "--preset", preset, "--threads", str(THREADS), "--seconds", SECONDS, "--json"]))
    return report["presets"][0]


def torch_step(preset, way):
    command = ["/usr/bin/python3", "bench/peers/torch_step.py", "--preset", preset, "--seconds", SECONDS,
               "--threads", str(way.threads), "--settings", way.settings]
    return json.loads(output_of(command, **({"OPENBLAS_NUM_THREADS": str(way.blas)} if way.blas else {})))


def measure_steps():
    """In turns, Habla after each way of PyTorch, so that a slow minute hits both: {preset: {way: [(PyTorch's run, Habla's), ...]}}."""
    runs = {preset: collections.defaultdict(list) for preset in PRESETS}
    for turn in range(ROUNDS):
        for preset, of_preset in runs.items():
            for way in WAYS if turn == 0 else still_in_the_running(of_preset):
                torch = torch_step(preset, way)
                report(turn, preset, describe(way), torch)
                habla = habla_step(preset)
                report(turn, preset, "Habla", habla)
                if torch["parameters"] != habla["parameters"]:
                    sys.exit(f"{preset}: PyTorch's model has {torch['parameters']} parameters, Habla's {habla['parameters']}")
                of_preset[way].append((torch, habla))
    return runs


def report(turn, preset, name, run):
    say(f"round {turn + 1} of {ROUNDS}  {preset:<17} {run['median_ms']:>11.3f} ms  {name}")


def still_in_the_running(of_preset):
    best = {settings: min(torch_ms(pairs) for way, pairs in of_preset.items() if way.settings == settings)
            for settings in ("installed", "tuned")}
    return [way for way, pairs in of_preset.items() if torch_ms(pairs) <= STILL_IN_THE_RUNNING * best[way.settings]]


def median(runs, key="median_ms"):
    return statistics.median(run[key] for run in runs)


def torch_ms(pairs):
    return median(torch for torch, _ in pairs)


def describe(way):
    return f"PyTorch {way.settings}, threads {way.threads}, OPENBLAS_NUM_THREADS {way.blas or 'unset'}"


# Judging.

def judge(preset, of_preset):
    bar = BARS[preset]
    runs = [habla for pairs in of_preset.values() for _, habla in pairs]
    mfu = median(runs, "mfu")
    result = {
        "preset": preset, "habla_ms": median(runs), "habla_ms_rounds": [run["median_ms"] for run in runs],
        "ratio_bar": bar.ratio, "mfu": mfu, "mfu_bar": bar.mfu, "mfu_met": mfu >= bar.mfu,
        "gflops": median(runs, "gflops"), "fma_peak_gflops": median(runs, "fma_peak_gflops"),
        "peak_rss_mb": max(run["peak_rss_mb"] for run in runs),
        "allocated_bytes_per_step": max(run["allocated_bytes_per_step"] for run in runs),
    }
    for settings in ("installed", "tuned"):
        # A way dropped after the first round was far from the best then, so one round's figure cannot make it the best now.
        ways = {way: pairs for way, pairs in of_preset.items() if way.settings == settings}
        best = min(ways, key=lambda way: torch_ms(ways[way]))
        ratio = statistics.median(torch["median_ms"] / habla["median_ms"] for torch, habla in ways[best])
        result[f"pytorch_{settings}"] = {
            "ms": torch_ms(ways[best]), "threads": best.threads, "openblas_num_threads": best.blas,
            "pairs_ms": [[torch["median_ms"], habla["median_ms"]] for torch, habla in ways[best]],
            "ratio": round(ratio, 3), "ratio_met": ratio >= bar.ratio,
            "all_ways_ms": {describe(way): torch_ms(pairs) for way, pairs in ways.items()},
        }
    return result


def table(results):
    rows = ["| preset | Habla ms | PyTorch ms (threads / OpenBLAS) | ratio | tuned PyTorch ms | ratio | bar | MFU | bar |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for r in results:
        cells = [r["preset"], number(r["habla_ms"])]
        for settings in ("installed", "tuned"):
            peer = r[f"pytorch_{settings}"]
            cells.append(f"{number(peer['ms'])} ({peer['threads']} / {peer['openblas_num_threads'] or 'all'})")
            cells.append(f"{peer['ratio']:.2f} {met(peer['ratio_met'])}")
        cells += [f"{r['ratio_bar']:.1f}", f"{r['mfu']:.3f} {met(r['mfu_met'])}", f"{r['mfu_bar']:.2f}"]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def number(ms):
    return f"{ms:.2f}" if ms < 100 else f"{ms:.0f}"


def met(yes):
    return "met" if yes else "not met"


def memory_table(results):
    rows = ["| preset | GFLOP/s | FMA peak | peak memory MiB | managed bytes a step |", "|---|--:|--:|--:|--:|"]
    rows += [f"| {r['preset']} | {r['gflops']:.1f} | {r['fma_peak_gflops']:.1f} | {r['peak_rss_mb']:.0f} "
             f"| {r['allocated_bytes_per_step']} |" for r in results]
    return "\n".join(rows)


def markdown(machine, results):
    return f"""# Training steps beside PyTorch

Made by `bench/compare.sh step` on {machine['date']} at {machine['commit']}: whole steps (forward, backward, clip, AdamW), medians
of {ROUNDS} rounds of {SECONDS} s each in turns, Habla on {THREADS} threads. The ratio is PyTorch's time over that of the run of
Habla right after it, the median over the rounds; Habla's own figures are medians over all its runs. PyTorch is
Debian's build, eager, with OpenBLAS; other builds (MKL) were not measured. Of its ways to be threaded (its own threads /
OpenBLAS's) the fastest counts. "Tuned" adds AVX-512 for element-wise work, memory that is kept between steps and threads that
wait asleep (`bench/peers/torch_step.py`). MFU is model operations (matrix products and attention, its causal half) over the
fused multiply-add peak measured in the same process.

{table(results)}

{memory_table(results)}

Machine: {machine['cpu']}, {machine['cores']} cores, {machine['simd']}, {machine['memory_gib']} GiB; Linux {machine['kernel']};
.NET SDK {machine['dotnet']}; PyTorch {machine['pytorch']} (python3-torch {machine['python3_torch']});
OpenBLAS {machine['openblas']}.
"""


# The parts.

def step(machine):
    runs = measure_steps()
    results = [judge(preset, of_preset) for preset, of_preset in runs.items()]
    save(f"{STEP_RESULTS}.json", json.dumps(
        {"machine": machine, "rounds": ROUNDS, "seconds": float(SECONDS), "threads": THREADS, "presets": results},
        indent=2) + "\n")
    save(f"{STEP_RESULTS}.md", markdown(machine, results))
    print(table(results))


def gemm(machine):
    runs = []
    for threads in sorted({1, THREADS}):
        say(f"matrix products, threads {threads}")
        runs.append(json.loads(output_of(
            [HABLA, "bench", "gemm", "--threads", str(threads), "--rounds", str(ROUNDS), "--peer",
             "openblas=bench/peers/gemm_openblas", "--peer", "onednn=bench/peers/gemm_onednn", "--json"])))
    save("gemm.json", json.dumps({"machine": machine, "runs": runs}, indent=2) + "\n")
    save("gemm.md", gemm_markdown(machine, runs))
    print(gemm_summary(runs))


# One thread and every dimension at least 256: this share of the peak. Any product: this ratio to the faster of the libraries.
PEAK_BAR, PEAK_BAR_FROM, RATIO_BAR = 0.90, 256, 0.95


def gemm_summary(runs):
    lines = []
    for run in runs:
        products = run["products"]
        fast = [p for p in products if p["ratio_to_fastest_peer"] >= RATIO_BAR]
        ratios = sorted(p["ratio_to_fastest_peer"] for p in products)
        lines.append(f"- {run['threads']} thread(s): {len(fast)} of {len(products)} products reach {RATIO_BAR} of the faster library; "
                     f"median {statistics.median(ratios):.2f}, lowest {ratios[0]:.2f}, highest {ratios[-1]:.2f}")
    large = [p for p in runs[0]["products"] if min(p["m"], p["n"], p["k"]) >= PEAK_BAR_FROM]
    near = [p for p in large if p["of_peak"] >= PEAK_BAR]
    lines.append(f"- 1 thread, all dimensions from {PEAK_BAR_FROM}: {len(near)} of {len(large)} reach {PEAK_BAR:.0%} of the peak; "
                 f"median {statistics.median(p['of_peak'] for p in large):.0%}, lowest {min(p['of_peak'] for p in large):.0%}")
    return "\n".join(lines)


def gemm_markdown(machine, runs):
    head = "| form | M | N | K | from |" + "".join(
        f" GFLOP/s, {run['threads']} thr. | of peak | of faster library |" for run in runs)
    rows = [head, "|---|--:|--:|--:|---|" + "--:|--:|--:|" * len(runs)]
    for products in zip(*(run["products"] for run in runs)):
        first = products[0]
        rows.append(f"| {first['form']} | {first['m']} | {first['n']} | {first['k']} | {first['source']} |" + "".join(
            f" {p['gflops']:.0f} | {p['of_peak']:.2f} | {p['ratio_to_fastest_peer']:.2f} |" for p in products))
    table = "\n".join(rows)
    return f"""# Matrix products beside OpenBLAS and oneDNN

Made by `bench/compare.sh gemm` on {machine['date']} at {machine['commit']}: medians of {ROUNDS} rounds in which all take turns; ratios
and shares of the peak are taken within a round. Forms: nn = A·B, nt = A·Bᵀ, tn = Aᵀ·B, C is M × N, K products to a sum.

{gemm_summary(runs)}

{table}

Machine: {machine['cpu']}, {machine['cores']} cores, {machine['simd']}, {machine['memory_gib']} GiB; Linux {machine['kernel']};
.NET SDK {machine['dotnet']}; OpenBLAS {machine['openblas']}; oneDNN {machine['onednn']}.
"""


# With another process busy on one core, a step may take this many times as long as without.
BUSY_BAR, BUSY_PRESETS = 2.5, ["lab", "nanogpt-cpu", "gpt2-124m"]


def busy(machine):
    rows = []
    for preset in BUSY_PRESETS:
        pairs = []
        for turn in range(ROUNDS):
            quiet = habla_step(preset)
            with subprocess.Popen(["taskset", "-c", str(min(os.sched_getaffinity(0))), sys.executable, "-c", "while True: pass"]) as other:
                try:
                    disturbed = habla_step(preset)
                finally:
                    other.kill()
            pairs.append((quiet["median_ms"], disturbed["median_ms"]))
            say(f"round {turn + 1} of {ROUNDS}  {preset:<17} {pairs[-1][0]:.3f} ms, with a busy core {pairs[-1][1]:.3f} ms")
        ratio = statistics.median(disturbed / quiet for quiet, disturbed in pairs)
        rows.append({"preset": preset, "quiet_ms": statistics.median(quiet for quiet, _ in pairs),
                     "busy_ms": statistics.median(disturbed for _, disturbed in pairs),
                     "ratio": round(ratio, 3), "bar": BUSY_BAR, "met": ratio <= BUSY_BAR, "fork_join_us": quiet["fork_join_us"]})
    save("busy.json", json.dumps({"machine": machine, "rounds": ROUNDS, "threads": THREADS, "presets": rows}, indent=2) + "\n")
    save("busy.md", busy_markdown(machine, rows))


def busy_markdown(machine, rows):
    table = "\n".join(f"| {r['preset']} | {number(r['quiet_ms'])} | {number(r['busy_ms'])} | {r['ratio']:.2f} {met(r['met'])} "
                      f"| {r['fork_join_us']:.1f} |" for r in rows)
    return f"""# Steps beside a busy process

Made by `bench/compare.sh busy` on {machine['date']} at {machine['commit']}: steps on {THREADS} threads alone, and with a process that
computes without end on one of {machine['cores']} cores; medians of {ROUNDS} rounds, ratios within a round. At most {BUSY_BAR} times as
long is the bar. The last column is what it costs to hand work to the threads and to wait for them when they are free.

| preset | alone, ms | one core busy, ms | ratio | µs a hand-over |
|---|--:|--:|--:|--:|
{table}
"""


# Generation: a share of the rate at which memory is read, tokens a second by themselves, a ratio to llama.cpp, q8_0's to float32's.
FRACTION_BARS = {"shakespeare-char": 0.70, "gpt2-124m": 0.70}
TOKENS_BARS = {"lab": 30_000}
LLAMA_BARS = {"shakespeare-char": 1.0, "gpt2-124m": 1.0}
Q8_BARS = {"gpt2-124m": 2.5}
GENERATE_PRESETS = ["lab", "book", "nanogpt-cpu", "shakespeare-char", "gpt2-124m"]
# llama.cpp has no minigpt, the family of lab.
CONTEXTS = {"book": 64, "nanogpt-cpu": 64, "shakespeare-char": 256, "gpt2-124m": 64}
WEIGHTS = ["float32", "q8_0"]


def llama_generate(model, preset):
    """On one thread and on all: its threads wait busily, so with a core taken two can be slower than one. The faster counts."""
    runs = [json.loads(output_of(
        ["node", "bench/peers/llama_generate.mjs", "--model", model, "--context", str(CONTEXTS[preset]), "--threads", str(threads),
         "--seconds", SECONDS])) for threads in sorted({1, THREADS})]
    return max(runs, key=lambda run: run["decode_tokens_per_s"])


def habla_generate(preset):
    report = json.loads(output_of(
        [HABLA, "bench", "generate", "--preset", preset, "--quantize", "q8_0", "--threads", str(THREADS), "--seconds", SECONDS,
         "--json"]))
    return {run["weights"]: {**run, "stream_gb_per_s": report["stream_gb_per_s"]} for run in report["results"]}


def generate(machine):
    presets = [preset for preset in GENERATE_PRESETS if preset in PRESETS]
    runs = {preset: [] for preset in presets}
    with tempfile.TemporaryDirectory() as folder:
        for preset in presets:
            if preset in CONTEXTS:
                output_of([HABLA, "bench", "generate", "--preset", preset, "--quantize", "q8_0", "--gguf", folder])
        for turn in range(ROUNDS):
            for preset in presets:
                habla = habla_generate(preset)
                llama = {weights: llama_generate(f"{folder}/{preset}-{weights}.gguf", preset) for weights in WEIGHTS} \
                    if preset in CONTEXTS else {}
                for weights in WEIGHTS:
                    if llama and llama[weights]["prompt_tokens"] != habla[weights]["prompt_tokens"]:
                        sys.exit(f"{preset}: the two read prompts of different lengths")
                    speeds = [f"{run[weights]['decode_tokens_per_s']:.1f}" for run in (habla, llama) if run]
                    say(f"round {turn + 1} of {ROUNDS}  {preset:<17} {weights:<8} {', llama.cpp '.join(speeds)} tokens/s")
                runs[preset].append((habla, llama))
    results = [judge_generation(preset, weights, of_preset) for preset, of_preset in runs.items() for weights in WEIGHTS]
    name = "generate" if presets == GENERATE_PRESETS else "generate-some"
    machine = {**machine, "llama_cpp": llama_version()}
    save(f"{name}.json", json.dumps(
        {"machine": machine, "rounds": ROUNDS, "seconds": float(SECONDS), "threads": THREADS, "results": results}, indent=2) + "\n")
    save(f"{name}.md", generate_markdown(machine, results))
    print(generate_table(results))


def llama_version():
    lock = json.loads((ROOT / "tests/peers/llama-cpp/package.json").read_text(encoding="utf-8"))
    return f"node-llama-cpp {lock['dependencies']['node-llama-cpp']}"


def judge_generation(preset, weights, of_preset):
    habla = [run[weights] for run, _ in of_preset]
    llama = [run[weights] for _, run in of_preset if run]
    is_float = weights == "float32"
    result = {
        "preset": preset, "weights": weights, "context": habla[0]["context"], "prompt_tokens": habla[0]["prompt_tokens"],
        **{key: median(habla, key) for key in
           ("prompt_tokens_per_s", "first_token_ms", "decode_tokens_per_s", "weight_bytes_per_token", "stream_gb_per_s",
            "bandwidth_fraction", "allocated_bytes_per_token")},
        "decode_tokens_per_s_rounds": [run["decode_tokens_per_s"] for run in habla],
        "fraction_bar": FRACTION_BARS.get(preset) if is_float else None,
        "tokens_per_s_bar": TOKENS_BARS.get(preset) if is_float else None,
    }
    if llama:
        result["llama_cpp"] = {
            **{key: median(llama, key) for key in ("prompt_tokens_per_s", "first_token_ms", "decode_tokens_per_s")},
            "decode_tokens_per_s_rounds": [run["decode_tokens_per_s"] for run in llama], "threads": [run["threads"] for run in llama],
            "ratio": statistics.median(ours["decode_tokens_per_s"] / theirs["decode_tokens_per_s"] for ours, theirs in zip(habla, llama)),
            "ratio_bar": LLAMA_BARS.get(preset) if is_float else None,
        }
    if not is_float:
        result["to_float32"] = statistics.median(
            run["q8_0"]["decode_tokens_per_s"] / run["float32"]["decode_tokens_per_s"] for run, _ in of_preset)
        result["to_float32_bar"] = Q8_BARS.get(preset)
    return result


def against(value, bar, form):
    return format(value, form) + (f" ({met(value >= bar)}: {bar:g})" if bar else "")


def generate_table(results):
    rows = ["| preset | weights | prompt tokens/s | first token ms | tokens/s | of memory's rate "
            "| llama.cpp tokens/s | ratio | to float32 |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for r in results:
        llama = r.get("llama_cpp")
        cells = [r["preset"], r["weights"], f"{r['prompt_tokens_per_s']:.0f}", f"{r['first_token_ms']:.2f}",
                 against(r["decode_tokens_per_s"], r["tokens_per_s_bar"], ".1f"),
                 against(r["bandwidth_fraction"], r["fraction_bar"], ".2f"),
                 f"{llama['decode_tokens_per_s']:.1f}" if llama else "",
                 against(llama["ratio"], llama["ratio_bar"], ".2f") if llama else "",
                 against(r["to_float32"], r["to_float32_bar"], ".2f") if "to_float32" in r else ""]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def generate_markdown(machine, results):
    return f"""# Generation beside llama.cpp

Made by `bench/compare.sh generate` on {machine['date']} at {machine['commit']}: medians of {ROUNDS} rounds of {SECONDS} s each in turns, on
{THREADS} threads. A prompt of half of the context is read in one pass; then tokens one at a time until the context is full (64 tokens,
256 for shakespeare-char, 32 for lab). Both programs read the same model: Habla writes its random weights as a GGUF file. llama.cpp runs
on one thread and on {THREADS}, and the faster of the two counts. Ratios are taken within a round. What JavaScript adds to a token of
llama.cpp is part of its time, which shows with the small models only; lab is of a family that llama.cpp does not have. The share of
memory's rate is the bytes of all weight matrices over the rate at which as many threads read memory in the same process; above 1,
weights come from a cache.

{generate_table(results)}

Machine: {machine['cpu']}, {machine['cores']} cores, {machine['simd']}, {machine['memory_gib']} GiB; Linux {machine['kernel']};
.NET SDK {machine['dotnet']}; llama.cpp of {machine['llama_cpp']}, prebuilt for the processor; memory read at
{statistics.median(r['stream_gb_per_s'] for r in results):.1f} GB/s.
"""


def save(name, text):
    RESULTS.mkdir(parents=True, exist_ok=True)
    unfinished = RESULTS / (name + ".tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(RESULTS / name)
    say(f"wrote bench/results/{name}")


def main():
    parts = {"step": step, "gemm": gemm, "busy": busy, "generate": generate}
    chosen = sys.argv[1:] or list(parts)
    if unknown := [part for part in chosen + PRESETS if part not in parts and part not in BARS]:
        sys.exit(f"unknown: {', '.join(unknown)}; parts are {', '.join(parts)}, presets {', '.join(BARS)}")
    machine = describe_machine()
    for part in chosen:
        parts[part](machine)


if __name__ == "__main__":
    main()
