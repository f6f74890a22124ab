using Habla.Runs;

namespace Habla.Tests.Runs;

public class DialogueTemplateTests
{
    [Theory]
    [InlineData("{}\n", "hello\n", null)]
    [InlineData("Q: {}\nA:", "Q: hello\nA:", "\nQ:")]
    [InlineData("es:{} / en:", "es:hello / en:", "\nes:")]
    [InlineData("\n- {}", "\n- hello", "\n-")]
    public void A_line_stands_where_its_place_is_and_an_answer_ends_where_the_next_would_begin(string text, string around, string? stop)
    {
        var template = new DialogueTemplate(text);
        Assert.Equal(around, template.Around("hello"));
        Assert.Equal(stop, template.StopText);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}{}")]
    public void One_place_is_needed(string text) =>
        Assert.StartsWith("template: ", Assert.Throws<InvalidInputException>(() => new DialogueTemplate(text)).Message, StringComparison.Ordinal);
}
