using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>A stage of the way from text to text, with the commands that belong to it.</summary>
/// <param name="Title">What goes in and what comes out.</param>
/// <param name="Commands">The stage's commands, in the order of use.</param>
internal sealed record PipelineStage(string Title, params Command[] Commands);

/// <summary>The table of commands, in the order in which data flows; `habla --help` prints it as a map.</summary>
internal static class Pipeline
{
    public static IReadOnlyList<PipelineStage> Stages { get; } =
    [
        new("Text: what the model learns from", IngestCommand.Create(), CorpusCommand.Create(), TokenizerCommand.Create()),
        new("Counting: how far n-grams get on the same tokens", BaselineCommand.Create()),
        new("Model: batches → a trained model in a run folder", TrainCommand.Create(), VerifyCommand.Create(), EvalCommand.Create(),
            RunsCommand.Create(), PlotCommand.Create()),
        new("Labs: what a change of recipe or precision changes", ExperimentCommand.Create(), DriftCommand.Create()),
        new("Text again: the model speaks", GenerateCommand.Create(), ChatCommand.Create(), ScoreCommand.Create(), CardCommand.Create()),
        new("Other programs: models that come in and go out", ImportCommand.Create(), ExportCommand.Create()),
        new("The machine: how fast it all is", BenchCommand.Create()),
    ];
}
