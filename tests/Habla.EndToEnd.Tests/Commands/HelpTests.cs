namespace Habla.EndToEnd.Tests.Commands;

public sealed class HelpTests
{
    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("-h")]
    public void The_first_help_is_a_map_of_the_pipeline(params string[] arguments)
    {
        ProcessResult help = HablaProcess.Run(arguments).Expect(0);

        string[] inOrder =
        [
            "corpus build|validate|split", "tokenizer train|encode|decode|show", "  baseline ", "  train ", "  verify ", "  eval ",
            "  experiment ", "  drift ", "  generate ", "  score ", "  card ",
            "Exit codes: 0 done",
        ];
        int[] places = [.. inOrder.Select(part => help.Output.IndexOf(part, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.All(help.Output.Split('\n'), line => Assert.True(line.Length <= 120, line));
        Assert.Empty(help.Error);
    }

    [Theory]
    [InlineData("corpus")]
    [InlineData("corpus", "build")]
    public void The_help_of_a_command_says_what_people_type(params string[] command)
    {
        ProcessResult help = HablaProcess.Run([.. command, "--help"]).Expect(0);

        Assert.Contains($"  habla {string.Join(' ', command)} ", help.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Habla.Cli", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_command_on_the_map_explains_itself()
    {
        string map = HablaProcess.Run("--help").Output;
        string[] commands =
        [
            .. map.Split('\n')
                .Where(line => line is [' ', ' ', not ' ', ..] && !line.StartsWith("  habla ", StringComparison.Ordinal))
                .Select(line => line.Trim().Split(' ')[0]),
        ];

        Assert.NotEmpty(commands);
        Assert.All(commands, command =>
            Assert.Contains($"  habla {command} ", HablaProcess.Run(command, "--help").Expect(0).Output, StringComparison.Ordinal));
    }

    [Fact]
    public void The_version_is_a_line_of_its_own() =>
        Assert.Matches(@"^\d+\.\d+\.\d+\r?\n$", HablaProcess.Run("--version").Expect(0).Output);

    [Theory]
    [InlineData("habla: 'korpus' is not a command of 'habla'; there are: ingest, corpus, tokenizer, ", "habla --help", "korpus")]
    [InlineData("habla: 'make' is not a command of 'habla corpus'; there are: build, validate, "
        + "split", "habla corpus --help", "corpus", "make")]
    [InlineData("habla: 'habla corpus' needs a command; there are: build, validate, split", "habla corpus --help", "corpus")]
    [InlineData("habla: Unrecognized command or argument '--sed'", "habla corpus build --help", "corpus", "build", "--sed")]
    [InlineData("habla: Option '--policy' is required", "habla corpus split --help", "corpus", "split", "--out", "x")]
    public void What_cannot_be_understood_exits_2_and_says_what_to_try(string problem, string remedy, params string[] arguments)
    {
        ProcessResult answer = HablaProcess.Run(arguments).Expect(2);

        Assert.StartsWith(problem, answer.Error, StringComparison.Ordinal);
        Assert.Contains($"Try: {remedy}", answer.Error, StringComparison.Ordinal);
        Assert.Empty(answer.Output);
    }
}
