using System.CommandLine;
using Habla.Generation;
using Habla.Runs;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>habla generate: lets a trained model continue a prompt.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        Option<string> prompt = new(CommonOptions.Prompt) { Description = "the text to continue", Required = true };
        Option<int> maximum = new("--max-tokens") { Description = "tokens to say at most", DefaultValueFactory = _ => 100 };
        Option<double> temperature = CommonOptions.Number(
            "--temperature", "below 1 the likely become likelier; 0 always takes the likeliest", 0);
        Option<int> topK = new("--top-k") { Description = "keep the k likeliest tokens; 0 keeps all" };
        Option<double> topP = CommonOptions.Number("--top-p", "keep the likeliest tokens up to this sum of probability", 1);
        Option<ulong> seed = new("--seed") { Description = "seed of the draws: same seed, same text" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("generate", "continue a prompt, greedily or by drawing")
        {
            prompt, maximum, temperature, topK, topP, seed, threads, json,
        };
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        command.SetAction(parsed =>
        {
            using SavedModel trained = model(parsed);
            using var pool = new WorkerPool(parsed.GetValue(threads));
            var sampling = new SamplingOptions
            {
                Temperature = parsed.GetValue(temperature), TopK = parsed.GetValue(topK), TopP = parsed.GetValue(topP),
                Seed = parsed.GetValue(seed),
            };
            if (parsed.GetValue(maximum) < 0)
            {
                throw new InvalidInputException($"--max-tokens {parsed.GetValue(maximum)}: expected a whole number of at least 0");
            }

            TextContinuation said = trained.Continue(parsed.GetValue(prompt)!, sampling, parsed.GetValue(maximum), pool);
            if (said.UnknownCharacters > 0)
            {
                Console.Error.WriteLine(
                    $"habla: {said.UnknownCharacters} characters of the prompt are not in the tokenizer's alphabet and became <unk>");
            }

            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new
                {
                    said.Text, said.Ids, logprobs = said.LogProbabilities, said.PromptTokens, tokens_per_s = said.TokensPerSecond,
                });
            }
            else
            {
                Console.Out.WriteLine(parsed.GetValue(prompt) + said.Text);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
