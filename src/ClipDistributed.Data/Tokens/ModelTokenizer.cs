using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Data.Tokens;

/// <summary>The tokenizer that a model's texts are encoded with: the one that the user names, else the one in the model's folder.</summary>
public static class ModelTokenizer
{
    /// <summary>Costs nothing beside the weights, so it comes before them.</summary>
    /// <param name="model">A model folder, or a file of weights in or beside one.</param>
    /// <param name="given">A tokenizer file or folder; empty: none is named.</param>
    /// <param name="key">The option or field that names one, for errors.</param>
    /// <param name="vocabularySize">Rows of the model's token embedding.</param>
    /// <exception cref="BadInputException">There is none, it cannot be read, or it belongs to another model.</exception>
    public static ClipTokenizer Load(string model, string given, string key, int vocabularySize)
    {
        string folder = ModelSource.FolderOf(model);
        if (given == "" && !TokenizerFile.IsIn(folder))
            throw new BadInputException($"{folder}: the model folder holds no tokenizer ({TokenizerJson.Name}, "
                + $"{VocabularyFiles.Symbols} with {VocabularyFiles.Merges}, or {OpenAiMergesFile.Name}); copy the model's there, or "
                + $"name it by {key}.");
        string path = given != "" ? given : folder;
        var tokenizer = ClipTokenizer.Load(path);
        return tokenizer.VocabularySize == vocabularySize
            ? tokenizer
            : throw new BadInputException($"{(given != "" ? $"{key}: {given}" : $"{folder}: its tokenizer")} has "
                + $"{Counted.Plain(tokenizer.VocabularySize, "word")}, the model {vocabularySize}; they must be "
                + $"equal{(given != "" ? "" : $": name the model's own by {key}")}.");
    }
}
