namespace Habla.Generation;

/// <summary>One idea about which token comes next: it changes the candidates' scores, or how many there are.</summary>
public interface ISamplingStep
{
    /// <summary>Whether it goes by the tokens before, so that a text's history has to be kept for it. Default true.</summary>
    bool NeedsHistory => true;

    /// <summary>Does it.</summary>
    /// <param name="candidates">What the steps before have left: at least one token.</param>
    /// <param name="history">Which tokens were there before.</param>
    void Apply(Candidates candidates, TokenHistory history);
}
