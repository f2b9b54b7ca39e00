using System.CommandLine;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model.Native;
using ClipDistributed.Replica;
using ClipDistributed.Training.Loops;
using Grpc.Core;

var threads = new Option<int>("--threads")
{
    Description = "Threads of one tensor operator.",
    DefaultValueFactory = _ => Environment.ProcessorCount,
};
var libTorch = new Option<string?>("--libtorch") { Description = "A folder of libtorch libraries to use instead of the built-in one." };
var memory = new Option<long?>("--memory")
{
    Description = "Most MiB of memory that training may plan with; without it what the host has available.",
};
var name = new Option<string>("--name")
{
    Description = "Only shown, by ps: the replica's id, or what it is for.",
    DefaultValueFactory = _ => "",
};
var command = new RootCommand(
    "The process that holds tensors. clipd starts it and speaks to it in lines of JSON on its standard input and output."
)
{
    name,
    threads,
    libTorch,
    memory,
};
command.SetAction(parsed =>
{
    using var conversation = new Conversation(Console.In, Console.Out);
    try
    {
        var request = conversation.ReadRequest();
        if (request is null)
            return ExitCodes.Done; // nobody asked anything
        LibTorch.Load(parsed.GetValue(libTorch), parsed.GetValue(threads));
        return Requests.Run(request, conversation, parsed.GetValue(memory) << 20);
    }
    catch (BadInputException refused)
    {
        conversation.Tell(new RunRecord { Refused = new InputRefused { Errors = { refused.Errors } } });
        return ExitCodes.BadInput;
    }
    catch (RpcException refused)
    {
        conversation.Tell(Failed($"The coordinator refuses this replica: {CallErrors.Reason(refused)}."));
        return ExitCodes.Unavailable;
    }
    catch (Exception failed) when (failed is TrainingDivergedException or IOException or UnauthorizedAccessException)
    {
        conversation.Tell(Failed(failed.Message));
        return ExitCodes.Failed;
    }
});
return command.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

static RunRecord Failed(string why) => new() { Failed = new RunFailed { Text = why } };
