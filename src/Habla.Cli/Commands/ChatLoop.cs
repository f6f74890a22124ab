using System.Globalization;
using Habla.Generation;
using Habla.Runs;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>
/// Reads lines and lets the model answer them, until the lines end. Answers go to standard output, all else to standard error.
/// </summary>
internal sealed class ChatLoop : IDisposable
{
    private const string Help = """
        Say something, and the model goes on from there; it sees the whole conversation, or the end of it that fits.
          /reset    forget the conversation
          /seed N   draw by another seed, and count answers from the first again
          /help     this
          /exit     end; so does Ctrl-D
        Ctrl-C stops an answer. A line that begins with // is said with one /.
        """;

    private readonly SavedModel _model;
    private readonly Dialogue _dialogue;
    private readonly Generator _generator;
    private readonly InferenceSession _session;
    private readonly AnswerSignals _signals = new();
    private GenerationRequest _request;

    /// <param name="model">Who answers.</param>
    /// <param name="dialogue">The conversation.</param>
    /// <param name="request">All but the prompt.</param>
    /// <param name="inference">How the model is run.</param>
    /// <param name="pool">The threads.</param>
    public ChatLoop(SavedModel model, Dialogue dialogue, GenerationRequest request, InferenceOptions inference, WorkerPool pool)
    {
        (request with { Prompt = [0] }).Validate(model.Model.Config);
        (_model, _dialogue, _request) = (model, dialogue, request);
        _generator = new Generator(model.Model, pool, inference);
        _session = new InferenceSession(model.Model, inference, pool);
    }

    private static bool IsTerminal => !Console.IsInputRedirected;

    /// <summary>Talks until the lines end or /exit comes.</summary>
    public void Run()
    {
        if (IsTerminal)
        {
            Terminal.Say($"{_model.WeightsFile} sees {_model.Model.Config.ContextLength} tokens. /help lists what you can do.");
        }

        while (ReadLine() is { } line && Take(line))
        {
        }
    }

    public void Dispose()
    {
        _signals.Dispose();
        _session.Dispose();
    }

    private static string? ReadLine()
    {
        if (IsTerminal)
        {
            Console.Error.Write("> ");
        }

        string? line = Console.In.ReadLine();
        if (line is null && IsTerminal)
        {
            Console.Error.WriteLine();
        }

        return line;
    }

    /// <returns>Whether the conversation goes on.</returns>
    private bool Take(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case []:
                return true;
            case ["/exit" or "/quit"]:
                return false;
            case ["/help"]:
                Console.Error.WriteLine(Help);
                return true;
            case ["/reset"]:
                _dialogue.Reset();
                _request = _request with { FirstSample = 0 };
                Console.Error.WriteLine("(the conversation is forgotten)");
                return true;
            case ["/seed", { } number] when ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed):
                _request = _request with { FirstSample = 0, Sampling = _request.Sampling with { Seed = seed } };
                Terminal.Say($"(seed {seed})");
                return true;
            case ["/seed", ..]:
                Console.Error.WriteLine("(/seed N: expected a whole number of at least 0)");
                return true;
            case [['/', not '/', ..] or "/", ..]:
                Console.Error.WriteLine($"({VisibleText.OfName(words[0])} is nothing that I know; /help lists what there is)");
                return true;
            default:
                Answer(line.StartsWith("//", StringComparison.Ordinal) ? line[1..] : line);
                return true;
        }
    }

    private void Answer(string line)
    {
        try
        {
            (int[] prompt, int forgotten, int unknown) = _dialogue.Ask(line, _request.MaximumTokens);
            GenerationNotes.Unknown(unknown);
            if (forgotten > 0)
            {
                string turns = forgotten == 1 ? "the oldest turn is" : $"the {forgotten} oldest turns are";
                Terminal.Say($"({turns} forgotten: the model sees {_model.Model.Config.ContextLength} tokens)");
            }

            GenerationResult said = _generator.Generate(
                _request with { Prompt = prompt }, (_, text) => Console.Out.Write(text), _session, _signals.Begin());
            Console.Out.Write(said.Samples[0].Text.EndsWith('\n') ? "" : "\n");
            _dialogue.Remember(line, [.. said.Samples[0].Tokens.Select(token => token.Id)]);
            _request = _request with { FirstSample = _request.FirstSample + 1 };
            if (said.Samples[0].End == GenerationEnd.Cancelled)
            {
                Console.Error.WriteLine("(stopped)");
            }

            GenerationNotes.WindowSlides(said.WindowSlides, _model.Model.Config.ContextLength);
        }
        catch (InvalidInputException problem)
        {
            Console.Error.WriteLine($"({problem.Message})");
        }
        finally
        {
            _signals.End();
        }
    }
}
