using System.CommandLine;
using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Runs;

namespace Habla.Cli.Commands;

/// <summary>habla export: a trained model for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Option<string> run = CommonOptions.Run();
        Option<string> checkpoint = CommonOptions.Checkpoint();
        Option<string> to = new("--to") { Description = "gguf: one file for llama.cpp", Required = true };
        Option<string> output = CommonOptions.Out("the file to write");
        Option<string> dtype = new("--dtype") { Description = "f32, f16 or q8_0", DefaultValueFactory = _ => "f32" };
        Option<bool> json = CommonOptions.Json();
        to.AcceptOnlyFromAmong("gguf");
        dtype.AcceptOnlyFromAmong("f32", "f16", "q8_0");
        var command = new Command("export", "a model as files that other programs read") { run, checkpoint, to, output, dtype, json };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(run)!, path = parsed.GetValue(output)!;
            using TrainedModel trained = TrainedModel.Open(folder, parsed.GetValue(checkpoint)!);
            bool beginsText = trained.Tokenizer.HasSpecialTokens && trained.Recipe.Data.Kind != "windows";
            var portable = new PortableModel(trained.Model, trained.Tokenizer, beginsText);
            GgufType type = parsed.GetValue(dtype) switch { "f16" => GgufType.F16, "q8_0" => GgufType.Q8, _ => GgufType.F32 };
            GgufExport.Write(path, portable, type, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
            Terminal.Say($"wrote {path}");
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { files = new[] { path } });
            }

            return ExitCode.Done;
        });
        return command;
    }
}
