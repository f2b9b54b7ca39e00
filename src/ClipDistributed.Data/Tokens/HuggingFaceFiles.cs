using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// A tokenizer as transformers' CLIPTokenizerFast expects it: <c>tokenizer.json</c>, and beside it which of its tokens are special
/// (without that the library adds its own names for them, with ids beyond the model's). Where <c>vocab.json</c> and
/// <c>merges.txt</c> mean the same they are written too, for what reads nothing else.
/// </summary>
internal static class HuggingFaceFiles
{
    public const string Config = "tokenizer_config.json", SpecialTokens = "special_tokens_map.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string folder, BpeVocabulary vocabulary, CleanMode clean, int contextLength)
    {
        using (var stream = File.Create(Path.Combine(folder, TokenizerJson.Name)))
            TokenizerJson.Write(stream, vocabulary, clean);
        bool plain = IsPlain(vocabulary, clean);
        WriteText(folder, SpecialTokens, Specials().ToJsonString(Json) + "\n");
        WriteText(folder, Config, ConfigOf(vocabulary, clean, contextLength, plain).ToJsonString(Json) + "\n");
        if (plain)
            VocabularyFiles.Write(folder, vocabulary);
    }

    /// <summary>
    /// Whether symbols and merges alone say all: lower case, and a symbol for every byte. CLIPTokenizer (of transformers 5 the fast
    /// one too) makes the rest up itself and gives a byte without symbol the id of unk_token, which here would end the text.
    /// </summary>
    private static bool IsPlain(BpeVocabulary vocabulary, CleanMode clean) =>
        clean == CleanMode.Lower && ByteSymbols.InOrder.Select(ByteSymbols.Of)
            .All(symbol => vocabulary.Ids.ContainsKey(symbol.ToString()) && vocabulary.Ids.ContainsKey(symbol + ByteSymbols.EndOfWord));

    /// <summary>
    /// Padding is the end of text again: id 0, with which OpenCLIP pads, is also a symbol, and a symbol that is declared special is no
    /// longer found in words. The feature is read at the first end of text and sees nothing after it.
    /// </summary>
    private static JsonObject Specials() => new()
    {
        ["bos_token"] = WordScanner.StartOfText,
        ["eos_token"] = WordScanner.EndOfText,
        ["pad_token"] = WordScanner.EndOfText,
        ["unk_token"] = WordScanner.EndOfText,
    };

    private static JsonObject ConfigOf(BpeVocabulary vocabulary, CleanMode clean, int contextLength, bool plain)
    {
        var config = Specials();
        config["add_prefix_space"] = false;
        config["added_tokens_decoder"] = new JsonObject
        {
            [$"{vocabulary.StartOfText}"] = AddedToken(WordScanner.StartOfText, clean),
            [$"{vocabulary.EndOfText}"] = AddedToken(WordScanner.EndOfText, clean),
        };
        config["clean_up_tokenization_spaces"] = false;
        config["errors"] = "replace";
        config["model_max_length"] = contextLength;
        config["tokenizer_class"] = plain ? "CLIPTokenizer" : "PreTrainedTokenizerFast";
        return config;
    }

    private static JsonObject AddedToken(string content, CleanMode clean)
    {
        var token = JsonSerializer.SerializeToNode(TokenizerJson.AddedToken(0, content, clean))!.AsObject();
        token.Remove("id"); // is the key here
        return token;
    }

    private static void WriteText(string folder, string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
