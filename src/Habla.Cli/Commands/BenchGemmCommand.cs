using System.CommandLine;
using System.Globalization;
using Habla.Benchmarks;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla bench gemm: the matrix products of the presets' steps.</summary>
internal static class BenchGemmCommand
{
    public static Command Create()
    {
        Option<string?> preset = new("--preset")
        {
            Description = "only the products of these presets' steps, names separated by commas; default all of them, and squares",
        };
        Option<int> threads = CommonOptions.Threads();
        Option<double> seconds = CommonOptions.Number("--seconds", "how long each product is timed in a round", 0.1);
        Option<int> rounds = new("--rounds") { Description = "rounds to take medians over", DefaultValueFactory = _ => 5 };
        Option<string[]> peer = new("--peer")
        {
            Description = "NAME=PROGRAM: another library's product to compare with, see bench/peers; may be repeated",
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("gemm", "the matrix products of the presets' steps, in all three forms")
        {
            preset, threads, seconds, rounds, peer, json,
        };
        command.SetAction(parsed =>
        {
            BenchStepCommand.RequirePositive("--seconds", parsed.GetValue(seconds));
            BenchStepCommand.RequirePositive("--rounds", parsed.GetValue(rounds));
            IReadOnlyList<ProductShape> shapes =
                parsed.GetValue(preset) is { } names ? ProductShape.Of(BenchmarkPreset.Named(names)) : ProductShape.All();
            var products = new List<ProductMeasurement>();
            foreach (ProductMeasurement product in ProductBenchmark.Measure(
                shapes, parsed.GetValue(threads), parsed.GetValue(seconds), parsed.GetValue(rounds),
                parsed.GetValue(peer) ?? []))
            {
                if (products.Count == 0)
                {
                    Terminal.Say($"form     M     N     K    GFLOP/s  of peak  of fastest peer");
                }

                products.Add(product);
                Tell(product);
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { Machine = Hardware.Current, Threads = parsed.GetValue(threads), Products = products });
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Tell(ProductMeasurement product)
    {
        string ratio = product.RatioToFastestPeer?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";
        FormattableString size = $"{product.Form,-4} {product.M,5} {product.N,5} {product.K,5}";
        Terminal.Say($"{size} {product.Gflops,10:0.0} {product.OfPeak,8:0.00} {ratio,16}  {product.Source}");
    }
}
