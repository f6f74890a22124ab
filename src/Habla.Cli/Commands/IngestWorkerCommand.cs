using System.CommandLine;
using Habla.Extraction;

namespace Habla.Cli.Commands;

/// <summary>
/// habla ingest-worker: takes files apart for habla ingest, which starts it; people have no use for it, and help does not show it.
/// </summary>
internal static class IngestWorkerCommand
{
    private const string Name = "ingest-worker";

    /// <summary>Starts this very program as a worker.</summary>
    public static WorkerCommand Self
    {
        get
        {
            string program = Environment.ProcessPath ?? "dotnet";
            return Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? new WorkerCommand(program, [typeof(IngestWorkerCommand).Assembly.Location, Name])
                : new WorkerCommand(program, [Name]);
        }
    }

    public static Command Create()
    {
        var command = new Command(Name, "reads files for habla ingest") { Hidden = true };
        command.SetAction(_ =>
        {
            using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
            ExtractionWorker.Serve(input, output, () => Environment.Exit(ExitCode.RunFailed));
            return ExitCode.Done;
        });
        return command;
    }
}
