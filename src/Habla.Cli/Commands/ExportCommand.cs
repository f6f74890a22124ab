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
        Option<string> to = new("--to") { Description = "gguf: one file for llama.cpp", Required = true };
        Option<string> output = CommonOptions.Out("the file to write");
        Option<string> dtype = new("--dtype") { Description = "f32, f16 or q8_0", DefaultValueFactory = _ => "f32" };
        Option<bool> json = CommonOptions.Json();
        to.AcceptOnlyFromAmong("gguf");
        dtype.AcceptOnlyFromAmong("f32", "f16", "q8_0");
        var command = new Command("export", "a model as files that other programs read") { to, output, dtype, json };
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            using SavedModel saved = model(parsed);
            var portable = new PortableModel(saved.Model, saved.Tokenizer, saved.BeginsWithBos);
            GgufType type = parsed.GetValue(dtype) switch { "f16" => GgufType.F16, "q8_0" => GgufType.Q8, _ => GgufType.F32 };
            GgufExport.Write(path, portable, type, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(saved.Place))));
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
