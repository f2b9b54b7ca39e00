using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;
using ClipDistributed.Contracts.Models.Folders;

namespace ClipDistributed.Data.Tokens;

/// <summary>The tokenizer that a model's texts are encoded with: the one that the user names, else the one in the model's folder.</summary>
public static class ModelTokenizer
{
    /// <summary>Costs nothing beside the weights, so it comes before them.</summary>
    /// <param name="model">A model folder, or a file of weights in or beside one.</param>
    /// <param name="given">A tokenizer file or folder; empty: none is named.</param>
    /// <param name="key">The option or field that names one, for errors.</param>
    /// <param name="texts">The model's text tower.</param>
    /// <exception cref="BadInputException">There is none, it cannot be read, or it belongs to another model.</exception>
    public static ClipTokenizer Load(string model, string given, string key, TextConfig texts)
    {
        string folder = ModelSource.FolderOf(model);
        if (given == "" && !TokenizerFile.IsIn(folder))
            throw new BadInputException(
                $"{folder}: the model folder holds no tokenizer ({TokenizerJson.Name}, "
                    + $"{VocabularyFiles.Symbols} with {VocabularyFiles.Merges}, or {OpenAiMergesFile.Name}); copy the model's there, or "
                    + $"name it by {key}."
            );
        string path = given != "" ? given : folder;
        var tokenizer = ClipTokenizer.Load(path);
        if (tokenizer.VocabularySize != texts.VocabSize)
        {
            throw new BadInputException(
                $"{(given != "" ? $"{key}: {given}" : $"{folder}: its tokenizer")} has "
                    + $"{Counted.Plain(tokenizer.VocabularySize, "word")}, the model {texts.VocabSize}; they must be "
                    + $"equal{(given != "" ? "" : $": name the model's own by {key}")}."
            );
        }
        Check(tokenizer, texts);
        return tokenizer;
    }

    /// <summary>How a fresh tokenizer for this model cleans texts.</summary>
    public static CleanMode CleanOf(TextConfig texts) => texts.TokenizerKwargs?.Clean switch
    {
        TokenizerKwargs.Whitespace => CleanMode.Whitespace,
        TokenizerKwargs.Canonicalize => CleanMode.Canonicalize,
        _ => CleanMode.Lower,
    };

    /// <summary>Whether a tokenizer does what the model's config asks of it.</summary>
    /// <exception cref="BadInputException">Names all that it does not.</exception>
    public static void Check(ClipTokenizer tokenizer, TextConfig texts)
    {
        var errors = new List<string>();
        // A feature that is read at an id which ends no text would be that of the first token, silently.
        if (texts.PoolType == TextConfig.EndOfText && texts.EosId != tokenizer.EndOfText)
        {
            errors.Add($"text_cfg.eos_id is {texts.EosId}, but the tokenizer ends texts with {tokenizer.EndOfText}; they must be equal.");
        }
        if (texts.TokenizerKwargs?.Clean is { } clean && tokenizer.Clean != CleanOf(texts))
        {
            errors.Add(
                $"text_cfg.tokenizer_kwargs.clean is '{clean}', but the tokenizer cleans texts as "
                    + $"'{tokenizer.Clean.ToString().ToLowerInvariant()}'; name the model's own, or leave the key out."
            );
        }
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
