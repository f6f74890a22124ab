using System.CommandLine;
using Habla.Runs;
using Habla.Tensors.Threading;

namespace Habla.Cli.Commands;

/// <summary>habla chat: a conversation with a trained model.</summary>
internal static class ChatCommand
{
    public static Command Create()
    {
        Option<string> template = new("--template")
        {
            Description = "what stands around your line, {} is the line and \\n a line end, such as 'Q: {}\\nA:'; an answer ends where the "
                + "model begins such a line itself",
            DefaultValueFactory = _ => "{}\\n",
        };
        Option<bool> noHistory = new("--no-history") { Description = "each line stands alone: the model does not see the earlier ones" };
        Option<bool> oneLine = new("--stop-at-newline") { Description = "an answer ends with its first line" };
        Option<int> threads = CommonOptions.Threads();
        var command = new Command("chat", "talk with a model: it continues what you say; /help there lists what you can do");
        Func<ParseResult, SavedModel> model = CommonOptions.Model(command);
        var speaking = new SpeakingOptions(command, maximumTokens: 200, temperature: 0.8);
        Array.ForEach<Option>([template, noHistory, oneLine, threads], command.Add);
        command.SetAction(parsed =>
        {
            speaking.Sampling(parsed); // what is impossible is told before the model is read
            var around = new DialogueTemplate(EscapedText.Read(parsed.GetValue(template)!));
            using SavedModel trained = model(parsed);
            using var pool = new WorkerPool(parsed.GetValue(threads));
            string[] stops = [.. parsed.GetValue(oneLine) ? ["\n"] : (string[])[], .. around.StopText is { } stop ? [stop] : (string[])[]];
            using var loop = new ChatLoop(
                trained, new Dialogue(trained, around, !parsed.GetValue(noHistory)),
                speaking.Apply(parsed, trained.RequestForIds([]) with { StopTexts = stops }), speaking.Inference(parsed), pool);
            loop.Run();
            return ExitCode.Done;
        });
        return command;
    }
}
