using Habla.Tests;

namespace Habla.EndToEnd.Tests.Documents;

/// <summary>What the README says of letting a model speak is typed as it stands there, with another model.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class ReadmeGenerationTests(TrainedRun run)
{
    [Fact]
    public void Every_command_to_let_a_model_speak_does()
    {
        string section = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).Split("## Let it speak\n")[1].Split("\n## ")[0];
        string[] commands =
        [
            .. section.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal))
                .Select(line => line.Trim().Replace("./habla", "habla", StringComparison.Ordinal)
                    .Replace("runs/code/model", "run", StringComparison.Ordinal)),
        ];
        Assert.True(commands.Length >= 4, section);
        Assert.Contains(commands, command => command.StartsWith("habla chat", StringComparison.Ordinal));
        foreach (string command in commands)
        {
            bool talks = command.StartsWith("habla chat", StringComparison.Ordinal);
            Assert.NotEmpty(run.Pasted((talks ? "echo hello | " : "") + command).Expect(0).Output.Trim('\n') + (talks ? "." : ""));
        }
    }
}
