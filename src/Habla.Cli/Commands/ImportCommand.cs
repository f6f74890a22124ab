using System.CommandLine;
using Habla.Interchange;
using Habla.Interchange.HuggingFace;
using Habla.Modeling;

namespace Habla.Cli.Commands;

/// <summary>habla import: a model of another program, to be used here.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        Argument<string> source = new("SOURCE") { Description = "a folder with config.json, safetensors and tokenizer.json (Hugging Face)" };
        Option<string> output = CommonOptions.Out("the folder for the model");
        Option<bool> force = new("--force") { Description = "replace the imported model that the folder holds" };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("import", "a GPT-2 or Llama of Hugging Face as a model to generate with") { source, output, force, json };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetValue(output)!;
            ModelFolder.RefuseOccupied(folder, parsed.GetValue(force));
            (PortableModel portable, ModelSource from) = HuggingFaceImport.Read(parsed.GetValue(source)!);
            using Gpt model = portable.Model;
            string hash = ModelFolder.Write(folder, portable, from, parsed.GetValue(force));
            Terminal.Say($"{from.Architecture}, {model.Config.ParameterCount:N0} parameters, from {string.Join(", ", from.Dtypes)} to float32");
            Terminal.Say($"the model is in {folder}; try: habla generate --run {folder} --prompt \"...\"");
            if (parsed.GetValue(json))
            {
                Terminal.WriteJson(new { folder, from.Architecture, parameters = model.Config.ParameterCount, weights_sha256 = hash });
            }

            return ExitCode.Done;
        });
        return command;
    }
}
