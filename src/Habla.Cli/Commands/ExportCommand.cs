using System.CommandLine;
using Habla.Checkpoints;
using Habla.Interchange;
using Habla.Interchange.Gguf;
using Habla.Interchange.HuggingFace;
using Habla.Runs;

namespace Habla.Cli.Commands;

/// <summary>habla export: a model for other programs.</summary>
internal static class ExportCommand
{
    private const string HuggingFace = "hf", Gguf = "gguf";

    public static Command Create()
    {
        Option<string> to = new("--to") { Description = "hf: a folder for Hugging Face; gguf: one file for llama.cpp", Required = true };
        Option<string> output = CommonOptions.Out("the folder (hf) or the file (gguf) to write");
        Option<string> dtype = new("--dtype")
        {
            Description = "how weights are stored: f32, f16, bf16 (hf) or q8_0 (gguf)", DefaultValueFactory = _ => "f32",
        };
        Option<bool> force = new("--force") { Description = "replace what was exported there before" };
        Option<bool> json = CommonOptions.Json();
        to.AcceptOnlyFromAmong(HuggingFace, Gguf);
        dtype.AcceptOnlyFromAmong("f32", "f16", "bf16", "q8_0");
        var command = new Command("export", "a model as files that other programs read");
        Func<ParseResult, SavedModel> open = CommonOptions.Model(command);
        command.Options.Add(to);
        command.Options.Add(output);
        command.Options.Add(dtype);
        command.Options.Add(force);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            (string format, string path, string stored) = (parsed.GetValue(to)!, parsed.GetValue(output)!, parsed.GetValue(dtype)!);
            RefuseDtype(format, stored);
            RefuseOccupied(format, path, parsed.GetValue(force));
            using SavedModel saved = open(parsed);
            var portable = new PortableModel(saved.Model, saved.Tokenizer, saved.BeginsWithBos);
            IReadOnlyList<string> files = format == HuggingFace
                ? HuggingFaceExport.Write(path, portable, stored switch
                {
                    "f16" => SafetensorsDtype.F16,
                    "bf16" => SafetensorsDtype.BF16,
                    _ => SafetensorsDtype.F32,
                })
                : [WriteGguf(path, portable, stored, saved.Place)];
            Terminal.Say($"wrote {string.Join(", ", files)}");
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { files });
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void RefuseDtype(string format, string dtype)
    {
        if ((format, dtype) is (HuggingFace, "q8_0") or (Gguf, "bf16"))
        {
            throw new InvalidInputException(
                $"--dtype {dtype} is not for --to {format}; expected {(format == Gguf ? "f32, f16 or q8_0" : "f32, f16 or bf16")}");
        }
    }

    /// <summary>What is there stays there, unless it is an earlier export that is to be replaced.</summary>
    private static void RefuseOccupied(string format, string path, bool force)
    {
        if (format == Gguf ? Directory.Exists(path) : File.Exists(path))
        {
            throw new InvalidInputException(format == Gguf
                ? $"--out {path} is a folder; name the file to write, such as model.gguf"
                : $"--out {path} is a file; name a folder for the model");
        }

        bool isExport = format == Gguf || File.Exists(Path.Combine(path, "config.json"));
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            string what = format == Gguf ? "is there already" : "is not empty";
            if (!isExport || !force)
            {
                throw new InvalidInputException(
                    $"--out {path} {what}; name another one{(isExport ? ", or give --force to replace what was exported" : "")}");
            }
        }
    }

    private static string WriteGguf(string path, PortableModel portable, string dtype, string place)
    {
        GgufType type = dtype switch { "f16" => GgufType.F16, "q8_0" => GgufType.Q8, _ => GgufType.F32 };
        GgufExport.Write(path, portable, type, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(place))));
        return path;
    }
}
