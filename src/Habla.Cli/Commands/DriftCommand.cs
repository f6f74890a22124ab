using System.CommandLine;
using Habla.Evaluation;
using Habla.Plotting;
using Habla.Runs;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla drift: what a trained model loses in 16 bits, layer by layer.</summary>
internal static class DriftCommand
{
    public static Command Create()
    {
        Option<string> run = CommonOptions.Run();
        Option<string> dtype = new("--dtype") { Description = "fp16, bf16, or fp16,bf16 for both", Required = true };
        Option<string> output = CommonOptions.Out("the folder for results, plot and changed predictions");
        Option<string?> data = new("--data") { Description = "the file to predict [default: the run's validation data]" };
        Option<string> checkpoint = CommonOptions.Checkpoint();
        Option<bool> force = new("--force") { Description = "replace the drift that the folder holds" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("drift", "weights and activations in 16 bits against float32, layer by layer")
        {
            run, dtype, output, data, checkpoint, force, json,
        };
        command.SetAction(parsed =>
        {
            DriftType[] types = Types(parsed.GetValue(dtype)!);
            using SavedModel trained = SavedModel.Open(parsed.GetValue(run)!, parsed.GetValue(checkpoint)!);
            var (results, skipped) = DriftRun.Execute(
                trained, parsed.GetValue(data), types, parsed.GetValue(output)!,
                parsed.GetValue(force) ? ExistingRun.Replace : ExistingRun.Refuse,
                Terminal.CommandLine, TimeProvider.System, new Gnuplot());
            foreach (PrecisionDrift result in results)
            {
                Tell(result);
            }

            if (skipped is not null)
            {
                Console.Error.WriteLine(skipped);
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { results });
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static DriftType[] Types(string text) =>
    [
        .. text.Split(',', StringSplitOptions.TrimEntries).Distinct().Select(name => name switch
        {
            "fp16" => DriftType.Fp16,
            "bf16" => DriftType.Bf16,
            _ => throw new InvalidInputException($"--dtype {text}: expected fp16, bf16 or fp16,bf16"),
        }),
    ];

    private static void Tell(PrecisionDrift result)
    {
        string name = result.Dtype.ToString().ToLowerInvariant();
        double accuracy = 100 * result.AccuracyRounded, before = 100 * result.AccuracyFloat32;
        Terminal.Say(
            $"{name}: loss {result.LossRounded:F5} (float32 {result.LossFloat32:F5}), accuracy {accuracy:F2} % (float32 {before:F2} %)");
        Terminal.Say($"  {result.Flips.Count:N0} of {result.Tokens:N0} predictions changed");
        Terminal.Say($"  layer            max |Δ|   mean |Δ|   mean relative   least cosine");
        foreach (LayerDrift layer in result.Layers)
        {
            string overflow = layer.NonFinite > 0 ? $"  {layer.NonFinite} overflows" : "";
            (double max, double mean, double relative) = (layer.MaxAbsolute, layer.MeanAbsolute, layer.MeanRelative);
            Terminal.Say($"  {layer.Layer,-14} {max,9:0.00e+0}  {mean,9:0.00e+0}  {relative,14:0.00e+0}  ",
                $"{layer.MinCosine,13:F9}{overflow}");
        }
    }
}
