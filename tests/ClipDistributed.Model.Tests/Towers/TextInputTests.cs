using ClipDistributed.Model.Towers;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Tests.Towers;

public sealed class TextInputTests
{
    [Fact]
    public void From_AnyIds_EndsAtTheFirstLargestIdAndCutsBehindTheLast() =>
        (from rows in Gen.Int[1, 4] from context in Gen.Int[1, 8] from ids in Gen.Int[0, 5].Array[rows * context] select (ids, context)).Sample(drawn =>
        {
            using var scope = NewDisposeScope();
            var texts = drawn.ids.Chunk(drawn.context).ToList();
            var input = TextInput.From(drawn.ids, drawn.context, CPU);

            long[] ends = [.. texts.Select(text => (long)Array.IndexOf(text, text.Max()))];
            Assert.Equal(ends, input.EndOfText.data<long>());
            int kept = (int)ends.Max() + 1;
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

        var cut = TextInput.From(texts, config.TextCfg.ContextLength, CPU);
        var uncut = TextInput.From([.. texts, .. longText], config.TextCfg.ContextLength, CPU);
        Assert.Equal(5, cut.Tokens.shape[1]);
        Assert.Equal(config.TextCfg.ContextLength, uncut.Tokens.shape[1]);

        Golden.AssertClose(model.Texts.Forward(uncut).narrow(0, 0, 4), model.Texts.Forward(cut), 1e-6, 1e-6, "features");
    }
}
