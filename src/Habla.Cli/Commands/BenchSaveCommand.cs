using System.CommandLine;
using Habla.Benchmarks;

namespace Habla.Cli.Commands;

/// <summary>habla bench save: what a checkpoint costs the training loop.</summary>
internal static class BenchSaveCommand
{
    public static Command Create()
    {
        Option<string> preset = new("--preset") { Description = "the model", DefaultValueFactory = _ => "shakespeare-char" };
        Option<int> threads = CommonOptions.Threads();
        Option<int> pairs = new("--pairs") { Description = "steps to time alone, and as many with a save", DefaultValueFactory = _ => 5 };
        Option<string> output = new("--out")
        {
            Description = "a folder on the disk to write to", DefaultValueFactory = _ => Path.GetTempPath(),
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("save", "what saving a checkpoint costs the training loop") { preset, threads, pairs, output, json };
        command.SetAction(parsed =>
        {
            BenchmarkPreset chosen = BenchmarkPreset.Named(parsed.GetValue(preset)!)[0];
            BenchStepCommand.RequirePositive("--pairs", parsed.GetValue(pairs));
            SaveMeasurement found = SaveBenchmark.Measure(
                chosen, parsed.GetValue(threads), parsed.GetValue(pairs), parsed.GetValue(output)!);
            Terminal.Say($"{found.Preset}: {found.Parameters:N0} parameters, a checkpoint of {found.Bytes / 1e6:0.0} MB");
            Terminal.Say($"step {found.StepMs:0.0} ms, with a save {found.StepWithSaveMs:0.0} ms");
            FormattableString written = $"on disk {found.WriteMs:0.0} ms later, {found.WriteCpuMs:0.0} ms of them computing";
            Terminal.Say($"a save stops the loop for {found.LoopMs:0.0} ms and is {written}");
            Terminal.Say($"that is {found.ShareOfAStep:0.00%} of one step, at most");
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(found);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
