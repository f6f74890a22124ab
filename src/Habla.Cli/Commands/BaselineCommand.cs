using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Habla.Baselines;
using Habla.Configuration;
using Habla.Runs;
using Habla.Storage;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla baseline: how well counting n-grams predicts a recipe's validation data.</summary>
internal static class BaselineCommand
{
    public static Command Create()
    {
        Option<string> config = new("--config") { Description = "the recipe whose data and tokenizer are used", Required = true };
        Option<string> output = new("--out") { Description = "the folder to write", Required = true };
        Option<string[]> set = new("--set") { Description = "another value for a key: section.key=value", DefaultValueFactory = _ => [] };
        Option<bool> force = new("--force") { Description = "replace the run that is in the folder" };
        Option<bool> json = new("--json") { Description = "one JSON object to standard output" };
        var command = new Command("baseline", "n-gram models, tuned on train: what a model has to beat") { config, output, set, force, json };
        command.SetAction(parsed =>
        {
            Recipe recipe = RecipeReader.Read(parsed.GetValue(config)!, parsed.GetValue(set)!);
            var (result, skipped) = BaselineRun.Execute(
                recipe,
                parsed.GetValue(output)!,
                parsed.GetValue(force) ? ExistingRun.Replace : ExistingRun.Refuse,
                ["habla", .. parsed.Tokens.Select(token => token.Value)],
                TimeProvider.System,
                new Gnuplot());
            Tell(result);
            if (skipped is not null)
            {
                Console.Error.WriteLine(skipped);
            }

            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(result, JsonFormat.Line));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Tell(BaselineResult result)
    {
        Console.Error.WriteLine("  n      add-α   Kneser–Ney   (perplexity per validation token)");
        foreach (IGrouping<int, BaselineRow> order in result.Rows.GroupBy(row => row.Order))
        {
            double addAlpha = order.Single(row => row.Family == NgramFamily.AddAlpha).ValPpl;
            double kneserNey = order.Single(row => row.Family == NgramFamily.KneserNey).ValPpl;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {order.Key} {addAlpha,10:0.000} {kneserNey,12:0.000}"));
        }

        BaselineRow best = result.Best;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"baseline: {BaselinePlot.Name(best.Family)}, n = {best.Order}: perplexity {best.ValPpl:0.000} on {best.ValTokens} tokens"));
    }
}
