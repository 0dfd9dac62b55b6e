# Fails when what TOOL prints differs from SNAPSHOT. A change that is meant is copied from ACTUAL.
execute_process(COMMAND ${TOOL} OUTPUT_FILE ${ACTUAL} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND diff -u ${SNAPSHOT} ${ACTUAL} RESULT_VARIABLE differs)
if(differs)
  message(FATAL_ERROR "the decisions changed; if that is meant: cp ${ACTUAL} ${SNAPSHOT}")
endif()
