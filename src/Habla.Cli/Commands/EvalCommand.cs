using System.CommandLine;
using Habla.Data;
using Habla.Evaluation;
using Habla.Runs;
using Habla.Runs.Verification;
using Habla.Storage;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>habla eval: how well a trained model predicts a file.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        Option<string?> data = new("--data") { Description = "the file to predict [default: the run's validation data]" };
        Option<int> stride = new("--stride")
        {
            Description = "for --data with plain text: tokens from one window to the next; 0 lays windows side by side, each token once",
        };
        Option<bool> reference = new("--reference") { Description = "also run the plain float64 forward and compare (slow)" };
        Option<string?> roundTrip = new("--roundtrip")
        {
            Description = "also save and load the weights again, compare files and logits byte for byte, and write the result to this file",
        };
        Option<int> threads = CommonOptions.Threads();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("eval", "loss, perplexity and bits per byte of a trained model on a file")
        {
            data, stride, reference, roundTrip, threads, json,
        };
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        command.SetAction(parsed =>
        {
            using SavedModel trained = model(parsed);
            using var pool = new WorkerPool(parsed.GetValue(threads));
            using var evaluator = new Evaluator(trained.Model, pool);
            SequenceDataset dataset = DataOf(trained, parsed.GetValue(data), parsed.GetValue(stride));
            EvaluatedText text = EvaluatedText.Of(evaluator, dataset, trained.Tokenizer);
            ReferenceEvaluation? float64 = parsed.GetValue(reference)
                ? ReferenceEvaluation.Of(trained.Model, dataset.EvaluationBatches())
                : null;
            Tell(text, float64, parsed.GetValue(json));
            if (!double.IsFinite(text.Result.Loss))
            {
                Console.Error.WriteLine(
                    $"habla: the loss is not a finite number: the weights in {trained.WeightsFile} are those of a run that diverged");
                return ExitCode.RunFailed;
            }

            return parsed.GetValue(roundTrip) is not { } file || RoundTrip(trained, dataset, file) ? ExitCode.Done : ExitCode.RunFailed;
        });
        return command;
    }

    private static bool RoundTrip(SavedModel trained, SequenceDataset dataset, string file)
    {
        CheckpointRoundTrip result = CheckpointRoundTrip.Of(trained, dataset);
        JsonFormat.WriteFile(file, result);
        string same = result.ByteIdentical ? "byte-identical" : "NOT the same bytes";
        Terminal.Say($"saved and loaded again: {same}, {result.Logits:N0} logits; see {file}");
        return result.ByteIdentical;
    }

    private static SequenceDataset DataOf(SavedModel trained, string? path, int stride)
    {
        if (stride < 0)
        {
            throw new InvalidInputException($"--stride {stride}: expected a whole number of at least 0");
        }

        if (path is not null)
        {
            return trained.LoadForEvaluation(path, stride);
        }

        RecordedRun run = trained.RequireRun("validation data");
        RunData data = RunData.Load(run.Recipe, run.Tokenizer);
        foreach (string changed in data.ChangedSince(run.Manifest))
        {
            Console.Error.WriteLine($"warning: {changed} is not the file the run was trained with; the figures are those of the new one");
        }

        return data.Validation
            ?? throw new InvalidInputException("the run has no validation data: name a file with --data");
    }

    private static void Tell(EvaluatedText text, ReferenceEvaluation? float64, bool json)
    {
        EvaluationResult result = text.Result;
        Terminal.Say($"loss {result.Loss:F5} nats a token, perplexity {result.Perplexity:F4}, {text.BitsPerByte:F4} bits a byte");
        Terminal.Say($"accuracy {100 * result.Accuracy:F2} % of {result.TokenCount:N0} tokens");
        if (float64 is not null)
        {
            Terminal.Say($"float64 reference: loss {float64.Loss:F8}, largest logit difference {float64.LargestLogitDifference:0.00e+0}");
        }

        if (json)
        {
            Terminal.WriteJson(new
            {
                loss = result.Loss, ppl = result.Perplexity, bits_per_byte = text.BitsPerByte, tokens = result.TokenCount,
                accuracy = result.Accuracy, reference_loss = float64?.Loss,
                reference_largest_logit_difference = float64?.LargestLogitDifference,
            });
        }
    }
}
