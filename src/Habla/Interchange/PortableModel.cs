using Habla.Modeling;
using Habla.Tokenization;

namespace Habla.Interchange;

/// <summary>A model as programs hand it to each other: its weights, its tokenizer, and how a text begins.</summary>
/// <param name="Model">The weights.</param>
/// <param name="Tokenizer">The tokenizer; its vocabulary is the model's.</param>
/// <param name="BeginsText">Whether the token that begins a sequence goes before every text; false without such a token.</param>
public sealed record PortableModel(Gpt Model, Tokenizer Tokenizer, bool BeginsText);
