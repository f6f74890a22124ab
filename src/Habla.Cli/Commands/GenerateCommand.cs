using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Habla.Generation;
using Habla.Runs;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>habla generate: lets a trained model continue a prompt.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        Option<int?> count = CommonOptions.Count("--n", "texts to make side by side (1); they differ only where tokens are drawn");
        Option<bool> stream = new("--stream") { Description = "write the text while it is being made" };
        Option<bool> logprobs = new("--logprobs") { Description = "list each token with its log-probability on standard error" };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("generate", "continue a prompt, greedily or by drawing");
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        var prompt = new PromptOptions(command);
        var speaking = new SpeakingOptions(command, maximumTokens: 100, temperature: 0);
        Array.ForEach<Option>([count, stream, logprobs, threads, json], command.Add);
        command.Validators.Add(result =>
        {
            if (result.GetValue(stream) && result.GetResult(json) is not null)
            {
                result.AddError("--stream writes text while it comes, --json one object at the end: give one of them");
            }
        });
        command.SetAction(parsed =>
        {
            int texts = parsed.GetValue(count) ?? 1;
            RefuseContradictions(texts, parsed.GetValue(stream), speaking.Sampling(parsed));
            InferenceOptions inference = speaking.Inference(parsed);
            string text = prompt.Text(parsed);
            using SavedModel trained = model(parsed);
            using var pool = new WorkerPool(parsed.GetValue(threads));
            GenerationRequest request = speaking.Apply(parsed, trained.RequestFor(text, out int unknown)) with
            {
                SampleCount = texts, WithLogProbabilities = parsed.GetValue(json) || parsed.GetValue(logprobs),
            };
            var generator = new Generator(trained.Model, pool, inference);
            request.Validate(trained.Model.Config);
            GenerationNotes.Unknown(unknown);
            TextListener? onText = null;
            if (parsed.GetValue(stream))
            {
                Console.Out.Write(text);
                onText = (_, piece) => Console.Out.Write(piece);
            }

            long start = Stopwatch.GetTimestamp();
            GenerationResult said = generator.Generate(request, onText);
            double seconds = Math.Max(Stopwatch.GetElapsedTime(start).TotalSeconds, 1e-9);
            double tokensPerSecond = said.Samples.Sum(sample => sample.Tokens.Count) / seconds;
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(Answer(said, request.Prompt.Count, tokensPerSecond));
            }
            else
            {
                Write(said, text, wasStreamed: onText is not null);
            }

            GenerationNotes.WindowSlides(said.WindowSlides, trained.Model.Config.ContextLength);
            if (parsed.GetValue(logprobs))
            {
                GenerationNotes.LogProbabilities(said, trained.Tokenizer);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void RefuseContradictions(int texts, bool stream, SamplingOptions sampling)
    {
        if (texts > 1 && sampling.IsGreedy)
        {
            throw new InvalidInputException($"--n {texts}: at temperature 0 all texts are the same; add --temperature 0.8, or leave --n out");
        }

        if (texts > 1 && stream)
        {
            throw new InvalidInputException($"--n {texts}: --stream shows one text while it is made; leave one of them out");
        }
    }

    /// <summary>The first text's fields stand at the top, so that one text looks the same whatever --n was; all are in samples.</summary>
    private static Dictionary<string, object> Answer(GenerationResult said, int promptTokens, double tokensPerSecond)
    {
        var answer = Answer(said.Samples[0]);
        answer["prompt_tokens"] = promptTokens;
        answer["tokens_per_s"] = tokensPerSecond;
        answer["window_slides"] = said.WindowSlides;
        if (said.Samples.Count > 1)
        {
            answer["samples"] = said.Samples.Select(Answer);
        }

        return answer;
    }

    private static Dictionary<string, object> Answer(GeneratedSample sample) => new()
    {
        ["text"] = sample.Text, ["ids"] = sample.Tokens.Select(token => token.Id),
        ["logprobs"] = sample.Tokens.Select(token => token.LogProbability), ["end"] = sample.End,
    };

    private static void Write(GenerationResult said, string prompt, bool wasStreamed)
    {
        int count = said.Samples.Count;
        for (int i = 0; i < count; i++)
        {
            string head = count > 1 ? string.Create(CultureInfo.InvariantCulture, $"--- {i + 1} of {count}\n") : "";
            Console.Out.WriteLine(wasStreamed ? "" : head + prompt + said.Samples[i].Text);
        }
    }
}
