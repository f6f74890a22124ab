using System.CommandLine;
using System.Globalization;
using Habla.Baselines;
using Habla.Configuration;
using Habla.Plotting;
using Habla.Runs;
using Habla.Tracking;

namespace Habla.Cli.Commands;

/// <summary>habla baseline: how well counting n-grams predicts a recipe's validation data.</summary>
internal static class BaselineCommand
{
    public static Command Create()
    {
        Option<string> config = CommonOptions.Config();
        Option<string> output = CommonOptions.Out("the folder to write");
        Option<string[]> set = CommonOptions.Set();
        Option<bool> force = CommonOptions.Force();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("baseline", "n-gram models, tuned on train: what a model has to beat")
        {
            config, output, set, force, json,
        };
        command.SetAction(parsed =>
        {
            Recipe recipe = RecipeReader.Read(parsed.GetValue(config)!, parsed.GetValue(set) ?? []);
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
                Terminal.WriteJson(result);
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
