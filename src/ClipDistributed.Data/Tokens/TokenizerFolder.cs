using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>
/// The tokenizer of a model folder, and how it is written into another: with all the files by which Hugging Face's libraries, and
/// through them OpenCLIP, find its ids.
/// </summary>
public sealed class TokenizerFolder
{
    /// <summary>All that a model folder may hold of a tokenizer.</summary>
    private static readonly string[] Files =
    [
        TokenizerJson.Name, HuggingFaceFiles.Config, HuggingFaceFiles.SpecialTokens, "added_tokens.json", VocabularyFiles.Symbols,
        VocabularyFiles.Merges, OpenAiMergesFile.Name,
    ];

    private readonly string source;
    private readonly (BpeVocabulary Vocabulary, CleanMode Clean)? read;

    private TokenizerFolder(string source, (BpeVocabulary Vocabulary, CleanMode Clean)? read) => (this.source, this.read) = (source, read);

    /// <summary>
    /// Whether another program opens what <see cref="Write"/> writes. OpenCLIP looks for it only where the model's config says so
    /// (text_cfg.hf_tokenizer_name), and takes OpenAI's vocabulary else.
    /// </summary>
    public bool IsOpenToOthers => read is not null;

    /// <param name="path">
    /// A tokenizer file, or a folder that may hold one. A tokenizer of another sort than CLIP's is copied as it is.
    /// </param>
    public static TokenizerFolder Of(string path)
    {
        try
        {
            return new TokenizerFolder(path, TokenizerFile.Read(path));
        }
        catch (BadInputException)
        {
            return new TokenizerFolder(path, null);
        }
    }

    /// <param name="folder">Exists.</param>
    /// <param name="contextLength">Ids of a text in the model.</param>
    public void Write(string folder, int contextLength)
    {
        if (read is { } tokenizer)
            HuggingFaceFiles.Write(folder, tokenizer.Vocabulary, tokenizer.Clean, contextLength);
        else if (!Directory.Exists(source))
            File.Copy(source, Path.Combine(folder, Path.GetFileName(source)));
        else
            foreach (string file in Files.Where(file => File.Exists(Path.Combine(source, file))))
                File.Copy(Path.Combine(source, file), Path.Combine(folder, file));
    }
}
