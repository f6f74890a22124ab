using System.CommandLine;

namespace Habla.Cli.Commands;

/// <summary>habla bench: how fast the engine is on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "how fast the engine is here, against the machine's own limit")
    {
        BenchStepCommand.Create(), BenchGemmCommand.Create(), BenchScaleCommand.Create(), BenchSaveCommand.Create(),
        BenchTokenizerCommand.Create(), BenchGenerateCommand.Create(),
    };
}
