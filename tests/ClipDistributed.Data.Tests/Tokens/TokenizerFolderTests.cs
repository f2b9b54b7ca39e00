using System.Text.Json.Nodes;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Tests.Tokens;

public sealed class TokenizerFolderTests : IDisposable
{
    private readonly TemporaryFolder source = new(), target = new();

    public void Dispose()
    {
        source.Dispose();
        target.Dispose();
    }

    [Theory]
    [InlineData(1024, CleanMode.Lower, "CLIPTokenizer")]
    [InlineData(300, CleanMode.Lower, "PreTrainedTokenizerFast")] // which takes tokenizer.json as it is: a byte without symbol is left out
    [InlineData(1024, CleanMode.Whitespace, "PreTrainedTokenizerFast")]
    [InlineData(1024, CleanMode.Canonicalize, "PreTrainedTokenizerFast")]
    public void Write_Trained_HasTheFilesOfTransformers(int size, CleanMode clean, string type)
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), size, clean);
        tokenizer.Save(source.File("my-words.json"));
        var folder = TokenizerFolder.Of(source.File("my-words.json"));
        folder.Write(target.Path, 32);

        Assert.True(folder.IsOpenToOthers);
        bool plain = type == "CLIPTokenizer";
        Assert.Equal(
            plain
                ? ["merges.txt", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json"]
                : ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(target.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(File.ReadAllBytes(source.File("my-words.json")), File.ReadAllBytes(target.File("tokenizer.json")));
        var config = Read("tokenizer_config.json");
        Assert.Equal((type, 32), (config["tokenizer_class"]!.GetValue<string>(), config["model_max_length"]!.GetValue<int>()));
        Assert.Equal([$"{size - 2}", $"{size - 1}"], config["added_tokens_decoder"]!.AsObject().Select(token => token.Key));
        // A name that the vocabulary lacks would be added to it, with an id beyond the model's.
        var known = Read("tokenizer.json")["model"]!["vocab"]!.AsObject();
        foreach (string key in new[] { "bos_token", "eos_token", "pad_token", "unk_token" })
        {
            Assert.True(known.ContainsKey(config[key]!.GetValue<string>()), key);
            Assert.Equal(config[key]!.GetValue<string>(), Read("special_tokens_map.json")[key]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    public void Write_ReadAgainFromAnyOfTheFiles_GivesTheSameIds(string file)
    {
        var tokenizer = TokenizerTrainer.Train(TokenizerFixtures.Captions(), 1024, CleanMode.Lower);
        tokenizer.Save(source.Path);
        TokenizerFolder.Of(source.Path).Write(target.Path, 77);
        var again = ClipTokenizer.Load(target.File(file));
        Assert.Equal(tokenizer.VocabularySize, again.VocabularySize);
        Assert.All(
            TokenizerFixtures.Cases(),
            one =>
                Assert.Equal(
                    tokenizer.EncodeUnpadded(one.GetProperty("text").GetString()!),
                    again.EncodeUnpadded(one.GetProperty("text").GetString()!)
                )
        );
    }

    [Fact]
    public void Write_OpenAisMerges_AreWrittenInTheFormsOfTransformers()
    {
        var tokenizer = TokenizerFixtures.OpenAi();
        File.Copy(Environment.GetEnvironmentVariable(TokenizerFixtures.VocabularyVariable)!, source.File("bpe_simple_vocab_16e6.txt.gz"));
        TokenizerFolder.Of(source.Path).Write(target.Path, 77);
        Assert.Equal(49408, Read("vocab.json").AsObject().Count);
        Assert.Equal(1 + 48894, File.ReadAllLines(target.File("merges.txt")).Length);
        var again = ClipTokenizer.Load(target.File("vocab.json"));
        Assert.All(
            TokenizerFixtures.Cases(),
            one =>
                Assert.Equal(
                    tokenizer.EncodeUnpadded(one.GetProperty("text").GetString()!),
                    again.EncodeUnpadded(one.GetProperty("text").GetString()!)
                )
        );
    }

    [Fact]
    public void Write_TokenizerOfAnotherSort_IsCopiedAsItIs()
    {
        source.Write("tokenizer.json", "{\"model\": {\"type\": \"WordPiece\"}}"u8.ToArray());
        source.Write("tokenizer_config.json", "{\"a\": 1}"u8.ToArray());
        var folder = TokenizerFolder.Of(source.Path);
        folder.Write(target.Path, 77);
        Assert.False(folder.IsOpenToOthers);
        Assert.Equal(File.ReadAllText(source.File("tokenizer.json")), File.ReadAllText(target.File("tokenizer.json")));
        Assert.Equal(2, Directory.GetFiles(target.Path).Length);
    }

    [Fact]
    public void Write_FolderWithout_WritesNothing()
    {
        TokenizerFolder.Of(source.Path).Write(target.Path, 77);
        Assert.Empty(Directory.GetFiles(target.Path));
    }

    [Fact]
    public void Load_NoneInTheModelFolder_SaysWhatToDo()
    {
        var refused = Assert.Throws<BadInputException>(() =>
            ModelTokenizer.Load(source.Path, "", "--tokenizer", new TextConfig { VocabSize = 512 })
        );
        Assert.Equal(
            [
                $"{source.Path}: the model folder holds no tokenizer (tokenizer.json, vocab.json with merges.txt, or "
                    + $"bpe_simple_vocab_16e6.txt.gz); copy the model's there, or name it by --tokenizer.",
            ],
            refused.Errors
        );
    }

    [Fact]
    public void Load_OfAnotherSize_NamesBoth()
    {
        TokenizerTrainer.Train(TokenizerFixtures.Captions(), 300, CleanMode.Lower).Save(target.File("other.json"));
        File.Copy(target.File("other.json"), source.File("tokenizer.json"));
        Assert.Equal(
            $"{source.Path}: its tokenizer has 300 words, the model 512; they must be equal: name the model's own by --tokenizer.",
            Assert
                .Throws<BadInputException>(() => ModelTokenizer.Load(source.Path, "", "--tokenizer", new TextConfig { VocabSize = 512 }))
                .Message
        );
        Assert.Equal(
            $"--tokenizer: {target.File("other.json")} has 300 words, the model 512; they must be equal.",
            Assert
                .Throws<BadInputException>(() =>
                    ModelTokenizer.Load(source.Path, target.File("other.json"), "--tokenizer", new TextConfig { VocabSize = 512 })
                )
                .Message
        );
        Assert.Equal(
            300,
            ModelTokenizer.Load(source.Path, target.File("other.json"), "--tokenizer", new TextConfig { VocabSize = 300 }).VocabularySize
        );
    }

    [Fact]
    public void Load_EndOfAnotherTokenizer_IsRefused()
    {
        TokenizerTrainer.Train(TokenizerFixtures.Captions(), 300, CleanMode.Lower).Save(source.File("tokenizer.json"));
        var texts = new TextConfig { VocabSize = 300, PoolType = TextConfig.EndOfText, EosId = 299 };
        Assert.Equal(299, ModelTokenizer.Load(source.Path, "", "--tokenizer", texts).EndOfText);
        Assert.Equal("text_cfg.eos_id is 2, but the tokenizer ends texts with 299; they must be equal.",
            Assert.Throws<BadInputException>(() => ModelTokenizer.Load(source.Path, "", "--tokenizer", texts with { EosId = 2 })).Message);
    }

    [Fact]
    public void Load_TokenizerThatCleansOtherwise_IsRefused()
    {
        TokenizerTrainer.Train(TokenizerFixtures.Captions(), 300, CleanMode.Canonicalize).Save(source.File("tokenizer.json"));
        var texts = new TextConfig { VocabSize = 300, TokenizerKwargs = new TokenizerKwargs { Clean = TokenizerKwargs.Canonicalize } };
        Assert.Equal(ModelTokenizer.CleanOf(texts), ModelTokenizer.Load(source.Path, "", "--tokenizer", texts).Clean);
        var whitespace = texts with { TokenizerKwargs = new TokenizerKwargs { Clean = TokenizerKwargs.Whitespace } };
        Assert.StartsWith("text_cfg.tokenizer_kwargs.clean is 'whitespace', but the tokenizer cleans texts as 'canonicalize'",
            Assert.Throws<BadInputException>(() => ModelTokenizer.Load(source.Path, "", "--tokenizer", whitespace)).Message);
    }

    private JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(target.File(name)))!;
}
