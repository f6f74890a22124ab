using System.CommandLine;
using System.Text;

namespace Habla.Cli.Commands;

/// <summary>The text to continue: typed, in a file, or on standard input.</summary>
internal sealed class PromptOptions
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Option<string?> _prompt = new(CommonOptions.Prompt) { Description = "the text to continue" };
    private readonly Option<string?> _file = new("--prompt-file")
    {
        Description = "a file with the text to continue, - for standard input; one line end at its end is left out",
    };

    public PromptOptions(Command command)
    {
        command.Add(_prompt);
        command.Add(_file);
        command.Validators.Add(result =>
        {
            bool typed = result.GetResult(_prompt) is not null, inFile = result.GetResult(_file) is not null;
            if (typed == inFile)
            {
                result.AddError(typed
                    ? "--prompt and --prompt-file are two prompts: give one of them"
                    : "what is to be continued? Give --prompt TEXT, or --prompt-file FILE (- for standard input)");
            }
        });
    }

    /// <summary>The text.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read, or is no UTF-8.</exception>
    public string Text(ParseResult parsed)
    {
        if (parsed.GetValue(_file) is not { } path)
        {
            return parsed.GetValue(_prompt)!;
        }

        string name = path == "-" ? "standard input" : path;
        try
        {
            string text = s_strict.GetString(path == "-" ? StandardInput() : File.ReadAllBytes(path));
            text = text.StartsWith('\uFEFF') ? text[1..] : text;
            return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidInputException($"--prompt-file: {name} is not UTF-8 text; save it as UTF-8", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"--prompt-file: cannot read {name}: {error.Message}", error);
        }
    }

    private static byte[] StandardInput()
    {
        using Stream input = Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}
