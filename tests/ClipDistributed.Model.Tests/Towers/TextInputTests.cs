using ClipDistributed.Contracts.Models;
using ClipDistributed.Model.Towers;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

public sealed class TextInputTests
{
    private static readonly string?[] PoolTypes = [null, TextConfig.FirstToken, TextConfig.LastToken, TextConfig.EndOfText];

    [Fact]
    public void From_AnyIds_ReadsByPoolTypeAndCutsAfterTheLast() =>
        (
            from rows in Gen.Int[1, 4]
            from context in Gen.Int[1, 8]
            from ids in Gen.Int[0, 5].Array[rows * context]
            from pool in Gen.Int[0, PoolTypes.Length - 1]
            from whole in Gen.Bool
            select (
                ids,
                new TextConfig
                {
                    ContextLength = context,
                    PoolType = PoolTypes[pool],
                    EosId = 4,
                    NoCausalMask = whole,
                }
            )
        ).Sample(
            drawn =>
            {
                using var scope = NewDisposeScope();
                var (ids, config) = drawn;
                var texts = ids.Chunk(config.ContextLength).ToList();
                var input = TextInput.From(ids, config, CPU);

            long[] positions = [.. texts.Select(text => (long)(config.PoolType switch
            {
                TextConfig.FirstToken => 0,
                TextConfig.LastToken => text.Length - 1,
                TextConfig.EndOfText => text.Contains(4) ? Array.IndexOf(text, 4) : 0,
                _ => Array.IndexOf(text, text.Max()),
            }))];
            Assert.Equal(positions, input.Position.data<long>());
            int kept = config.NoCausalMask ? config.ContextLength : (int)positions.Max() + 1;
            Assert.Equal([texts.Count, kept], input.Tokens.shape);
            Assert.Equal(texts.SelectMany(text => text.Take(kept)).Select(id => (long)id), input.Tokens.data<long>());
        }, iter: 300, threads: 1);

    [Fact]
    public void Forward_TextsCut_GivesTheFeaturesOfTheUncut()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var config = SampleModel.Config(textLayers: 3);
        using var model = SampleModel.Create(config);
        int[] texts = SampleModel.Texts(config.TextCfg, new Random(1), 3, 5, 2, 4);
        int[] longText = SampleModel.Texts(config.TextCfg, new Random(2), config.TextCfg.ContextLength);

        var cut = TextInput.From(texts, config.TextCfg, CPU);
        var uncut = TextInput.From([.. texts, .. longText], config.TextCfg, CPU);
        Assert.Equal(5, cut.Tokens.shape[1]);
        Assert.Equal(config.TextCfg.ContextLength, uncut.Tokens.shape[1]);

        Golden.AssertClose(model.Texts.Forward(uncut).narrow(0, 0, 4), model.Texts.Forward(cut), 1e-6, 1e-6, "features");
    }
}
