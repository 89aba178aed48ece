/// <reference types="vite/client" />
declare module "@tabler/core/dist/js/tabler.esm.js";
